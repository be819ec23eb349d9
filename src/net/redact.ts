/** What replaces a secret, as Argo Rollouts writes it in measurement messages. */
export const REDACTED = '*****';

/** Replaces every known secret in a text. */
export type Redact = (text: string) => string;

/**
 * Masks `secrets` in the forms in which a text of ours may carry them: as they are, as a JSON string, URL-encoded in
 * either style, and in base64 (alone; inside `user:password` the caller passes the whole as a secret).
 */
export function createRedactor(secrets: Iterable<string>): Redact {
  const forms = new Set<string>();
  for (const secret of secrets) for (const form of formsOf(secret)) if (form !== '') forms.add(form);
  // The longest first: a secret that contains another must not leave its tail behind.
  const ordered = [...forms].sort((a, b) => b.length - a.length);
  if (ordered.length === 0) return (text) => text;
  const pattern = new RegExp(ordered.map(escapeRegExp).join('|'), 'g');
  return (text) => text.replace(pattern, REDACTED);
}

function formsOf(secret: string): string[] {
  const wellFormed = secret.toWellFormed();
  return [
    secret,
    secret.trim(),
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(wellFormed),
    new URLSearchParams([['', wellFormed]]).toString().slice(1),
    Buffer.from(secret).toString('base64'),
  ];
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
