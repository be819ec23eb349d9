const FNV_32_OFFSET_BASIS = 0x811c9dc5;
const FNV_32_PRIME = 0x01000193;

/** FNV-1a, 32 bits, of bytes, as Go's `fnv.New32a`. Returns an unsigned integer. */
export function fnv1a32(bytes: Uint8Array): number {
  let hash = FNV_32_OFFSET_BASIS;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, FNV_32_PRIME);
  return hash >>> 0;
}
