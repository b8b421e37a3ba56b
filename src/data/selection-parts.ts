import { UserError } from '../error';
import { recordSet } from './record-set';
import type { Selector } from './select-forget';
import type { ForgetSelector, ForgetSpec } from './source-spec';

/** What one way to select, alone, selects; or what is wrong with it. */
export interface SelectionPart {
  /** Where it stands in the request: `forget.requests[0].where`. */
  readonly field: string;
  readonly records: number;
  readonly error: UserError | undefined;
}

const ways = ['rows', 'ids', 'where', 'equalTo'] as const satisfies readonly (keyof ForgetSelector)[];

/**
 * Tries each way to select by itself, for someone who is still writing: one that is wrong does not keep the others from being counted.
 * @returns the parts, and the union of what they select, which may be empty or everything
 */
export async function selectByParts(selector: Selector, forget: ForgetSpec): Promise<{ readonly parts: readonly SelectionPart[]; readonly records: Uint32Array }> {
  const parts: SelectionPart[] = [];
  const all = new Set<number>();
  const places: readonly (readonly [string, ForgetSelector])[] = [['forget', forget], ...(forget.requests ?? []).map((request, index) => [`forget.requests[${index}]`, request] as const)];
  for (const [place, given] of places) {
    for (const way of ways) {
      if (given[way] === undefined) continue;
      const field = `${place}.${way}`;
      try {
        const records = await selector.select({ [way]: given[way] }, place);
        for (const record of records) all.add(record);
        parts.push({ field, records: records.length, error: undefined });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        parts.push({ field, records: 0, error });
      }
    }
  }
  return { parts, records: recordSet(all) };
}
