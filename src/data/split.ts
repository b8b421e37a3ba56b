import { createHash } from 'node:crypto';
import { digestSize } from './canonical-content';
import type { Dataset } from './dataset';

/** A part of the training data set aside to measure with. */
export interface EvaluationShare {
  /** About this share of the records, between 0 and 1. */
  readonly share: number;
  /** 0 unless given. */
  readonly seed?: number | undefined;
}

export interface Split {
  /** Both sorted; together all records. */
  readonly training: Uint32Array;
  readonly evaluation: Uint32Array;
}

/**
 * Sets records aside by their content: a record is evaluation data where the first 48 bits of SHA-256("split" ‖ seed ‖ record digest), as
 * a fraction, are below the share. So equal records are always on the same side, and adding or removing records moves no other.
 */
export async function splitByShare(dataset: Dataset, { share, seed = 0 }: EvaluationShare): Promise<Split> {
  if (!(share > 0 && share < 1)) throw new RangeError(`share ${share}`);
  const digests = await dataset.digests();
  const prefix = Buffer.from(`split${seed} `);
  const isEvaluation = (record: number): boolean => {
    const hash = createHash('sha256').update(prefix).update(digests.subarray(record * digestSize, (record + 1) * digestSize)).digest();
    return hash.readUIntBE(0, 6) < share * 2 ** 48;
  };
  const sides: { training: number[]; evaluation: number[] } = { training: [], evaluation: [] };
  for (let record = 0; record < dataset.count; record++) sides[isEvaluation(record) ? 'evaluation' : 'training'].push(record);
  return { training: Uint32Array.from(sides.training), evaluation: Uint32Array.from(sides.evaluation) };
}
