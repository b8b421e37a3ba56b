import type { z } from 'zod';
import { firstIssue } from './fields';
import { JsonRefused, parseStrictJson } from './strict-json';

/** A signed payload as what it should be, or the reason why it is not. */
export function readPayload<T>(payload: Uint8Array, schema: z.ZodType<T>): T | JsonRefused {
  try {
    const parsed = schema.safeParse(parseStrictJson(payload));
    return parsed.success ? parsed.data : new JsonRefused(firstIssue(parsed.error));
  } catch (error) {
    if (error instanceof JsonRefused) return error;
    throw error;
  }
}
