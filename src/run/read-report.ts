import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../error';
import type { RunReport } from '../protocol/report-messages';
import { courseFile, courseSchema } from './run-course';

const metrics = z.object({ count: z.int().nonnegative(), loss: z.number(), accuracy: z.number().optional() });
const bySet = z.object({ retain: metrics, forget: metrics, evaluation: metrics.optional() });
const numbers = z.array(z.int().nonnegative());
/** What is counted on the page, whether the run wrote down how many or which. */
const amount = z.union([z.int().nonnegative(), z.array(z.unknown()).transform(({ length }) => length)]);

const reportSchema = z.object({
  statement: z.string().regex(/^[0-9a-f]{64}$/),
  requestFile: z.string(),
  request: z.record(z.string(), z.unknown()),
  plan: z.object({ target: z.object({ epsilon: z.number().optional(), delta: z.number() }) }).optional(),
  metrics: z.object({ before: bySet, afterNoise: bySet, afterRecovery: bySet }).optional(),
  engine: z.object({ name: z.string(), versions: z.record(z.string(), z.string()), reason: z.string().optional() }).optional(),
  records: z.object({ total: z.int().nonnegative(), forgotten: numbers, duplicates: amount.optional(), unmatchedIds: z.array(z.unknown()).optional(), forgottenInEvaluation: amount.optional() }),
  seconds: z.number().nonnegative(),
});

/**
 * Reads the private report of a run, and how it went from the file beside it.
 * @throws UserError `report-missing`, `report-damaged`
 */
export async function readReport(file: string): Promise<RunReport> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UserError('report-missing', 'the private report cannot be read', { file, cause, remedy: 'It lies on the machine that ran the request, readable by its owner alone.' });
  });
  const parsed = reportSchema.safeParse(json(text));
  if (!parsed.success) throw new UserError('report-damaged', `this is not the private report of a run: ${parsed.error.issues[0]?.path.join('.') ?? ''} ${parsed.error.issues[0]?.message ?? ''}`, { file, remedy: 'Open it as text to see what is there.' });
  const { plan, records, ...rest } = parsed.data;
  const course = courseSchema.safeParse(json(await readFile(join(dirname(file), courseFile), 'utf8').catch(() => '')));
  return {
    ...rest,
    metrics: rest.metrics,
    engine: rest.engine,
    target: plan?.target,
    records: {
      total: records.total,
      forgotten: records.forgotten,
      duplicates: records.duplicates ?? 0,
      unmatchedIds: (records.unmatchedIds ?? []).map(String),
      forgottenInEvaluation: records.forgottenInEvaluation ?? 0,
    },
    course: course.data,
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
