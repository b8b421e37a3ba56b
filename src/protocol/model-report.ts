/** What `inspect` says about a model file. */
export interface ModelReport {
  readonly path: string;
  readonly format: string;
  readonly inputShape: readonly (number | 'batch')[];
  /** Trainable numbers in all. */
  readonly parameters: number;
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly dataType: string;
    readonly role: 'parameter' | 'buffer' | 'constant';
    readonly count: number;
  }[];
  /** What the file holds besides, that training data could have touched. */
  readonly residues: readonly { readonly name: string; readonly kind: string; readonly treatment: string }[];
}
