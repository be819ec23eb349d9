/** I11, secrets: the value of a Secret is in nothing that is written, told or logged. */
export function noSecret(text: string, secret: string, where: string): readonly string[] {
  return text.includes(secret) ? [`the value of a Secret is in ${where}`] : [];
}
