import type { Dataset, Labels } from './dataset';

/** One number a feature: `(raw - subtract) / divide`. */
export interface Standardization {
  readonly subtract: readonly number[];
  readonly divide: readonly number[];
}

/** A dataset that came from a source, with what a plan wants to know about it. */
export interface SourceDataset extends Dataset {
  /** All labels, in the order of the records. Not to be changed. */
  readonly labels: Labels;
  /** One more than the largest class index; undefined for values. */
  readonly classCount: number | undefined;
  /**
   * The scaling that brings every feature to mean 0 and standard deviation 1 on the given records, from their raw values; a feature that is
   * the same in all of them is only shifted. To be computed on the retain set alone: forgotten records must leave no trace in it.
   */
  standardization(records: Uint32Array): Promise<Standardization>;
  /** The same records under another scaling; digests stay as they are. */
  rescaled(scaling: Standardization): SourceDataset;
}
