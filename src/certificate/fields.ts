import { z } from 'zod';

/** No control characters and no marks that turn the direction of writing: what is shown must be what is there. */
export const text = z.string().min(1).max(2000).regex(/^[^\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u, 'has control characters');
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hex');
export const count = z.int().nonnegative();

/** A path below the folder of the certificate, with forward slashes, that cannot lead out of it. */
export const fileName = text.max(1000).refine(
  (name) => !/[\\:]/.test(name) && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
  'is not a plain relative path',
);

/** The first thing that a schema found wrong, as `path: message`. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'invalid';
  const path = issue.path.map(String).join('.');
  return (path === '' ? issue.message : `${path}: ${issue.message}`).slice(0, 300);
}
