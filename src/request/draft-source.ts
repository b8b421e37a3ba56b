import type { z } from 'zod';
import { source } from './data-schema';

type Source = z.infer<typeof source>;

const placeholder = '\u0000';

/**
 * A source of records as far as it is written: what only says how columns are used may still be missing.
 * @returns undefined where the format or the files are missing or wrong
 */
export function draftSource(value: unknown): Source | undefined {
  const whole = source.safeParse(value);
  if (whole.success) return whole.data;
  if (typeof value !== 'object' || value === null) return undefined;
  const { format, path, table, delimiter, features, featuresKey, labels, labelsKey, records, label, image, channels, labelKind, classes } = value as Record<string, unknown>;
  const asTable = { format, path, table, delimiter, label: typeof label === 'string' && label !== '' ? label : placeholder, features: [placeholder] };
  const attempts = [
    { ...asTable, labelKind, classes }, asTable,
    { format, path, image, label, channels }, { format, path },
    { format, features, featuresKey, labels, labelsKey, records }, { format, features },
  ];
  for (const attempt of attempts) {
    const parsed = source.safeParse(attempt);
    if (parsed.success) return parsed.data;
  }
  return undefined;
}

/** Whether the column of labels has not been chosen yet. */
export function lacksLabel(draft: { readonly label?: string | undefined }): boolean {
  return draft.label === placeholder;
}
