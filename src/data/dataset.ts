/** Class indices for classification, target values for regression. */
export type Labels = Int32Array | Float32Array;

/** Records as the model sees them: features scaled, in row-major order of `[size, ...featureShape]`. */
export interface Batch {
  readonly size: number;
  readonly features: Float32Array;
  readonly labels: Labels;
}

/** Records in a fixed order. Record numbers are 0-based positions in that order and are the identity of a record everywhere. */
export interface Dataset {
  readonly count: number;
  /** Shape of one record's features, without the batch dimension. */
  readonly featureShape: readonly number[];
  readonly labelKind: 'class' | 'value';
  /** Reads the given records in the given order. Buffers belong to the caller. */
  read(records: Uint32Array): Promise<Batch>;
  /**
   * SHA-256 of each record's canonical content (raw features before scaling, then its label; 32 bytes a record, concatenated).
   * Two records that the model cannot tell apart have the same digest.
   */
  digests(): Promise<Uint8Array>;
}
