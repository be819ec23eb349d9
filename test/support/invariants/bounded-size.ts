import type { KubeObject } from '../../../src/api/core-types.ts';

const MAX_STATUS_BYTES = 100 * 1024;
const MAX_ANNOTATION_BYTES = 20 * 1024;
const MAX_NAME_LENGTH = 63;

interface WithStatus extends KubeObject {
  readonly status?: unknown;
}

/** I12, bounded size: status < 100 KB, annotations < 20 KB, names ≤ 63 characters. */
export function boundedSize({ kind, metadata, status }: WithStatus): readonly string[] {
  const complaints: string[] = [];
  const name = metadata.name ?? '';
  const statusBytes = JSON.stringify(status ?? null).length;
  const annotationBytes = JSON.stringify(metadata.annotations ?? null).length;
  if (statusBytes >= MAX_STATUS_BYTES) complaints.push(`the status of ${kind} ${name} has ${statusBytes} bytes`);
  if (annotationBytes >= MAX_ANNOTATION_BYTES)
    complaints.push(`the annotations of ${kind} ${name} have ${annotationBytes} bytes`);
  if (name.length > MAX_NAME_LENGTH) complaints.push(`the name ${name} has ${name.length} characters`);
  return complaints;
}
