import type { z } from 'zod';
import { forget as forgetSchema } from './data-schema';
import { complaints } from './parse-request';

type Forget = z.infer<typeof forgetSchema>;

/** What is wrong with a part that therefore cannot be tried. */
interface DraftProblem {
  readonly code: string;
  readonly field: string;
  readonly message: string;
  readonly remedy: string;
}

const ways = ['rows', 'ids', 'where', 'equalTo'] as const;

/** A reference that is not written yet does not keep a request from being tried. */
const anyReference = { reference: '-' };

/** The ways to select that are complete, of a selection that is still being written. */
export function draftForget(value: unknown): { readonly forget: Forget; readonly problems: readonly DraftProblem[] } {
  const problems: DraftProblem[] = [];
  const pick = (given: unknown, field: string, wrap: (part: object) => unknown): object => {
    const picked: Record<string, unknown> = {};
    for (const way of ways) {
      const part = (given as Readonly<Record<string, unknown>>)[way];
      if (part === undefined) continue;
      const parsed = forgetSchema.safeParse(wrap({ [way]: part }));
      if (parsed.success) picked[way] = part;
      else problems.push({ code: 'request-field', field: `${field}.${way}`, message: parsed.error.issues.flatMap(complaints)[0]?.message ?? '', remedy: 'Complete it, or take it out.' });
    }
    return picked;
  };
  if (typeof value !== 'object' || value === null) return { forget: {}, problems };
  const { requests } = value as { readonly requests?: unknown };
  const several = Array.isArray(requests) ? requests.map((request: unknown, index) => ({
    ...anyReference,
    ...(typeof request === 'object' && request !== null ? pick(request, `forget.requests[${index}]`, (part) => ({ requests: [{ ...anyReference, ...part }] })) : {}),
  })) : [];
  const forget = { ...pick(value, 'forget', (part) => part), ...(several.length === 0 ? {} : { requests: several }) };
  return { forget, problems };
}
