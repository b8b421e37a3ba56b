import type { AdaptedState } from '../model';

/** A list of numbers in a model's configuration: the object that has it, and its key there. */
export interface Setting {
  readonly holder: object;
  readonly key: string;
}

/** What a Keras model keeps in other ways than as the numbers of one dataset, found while its graph is written. Keys are names of tensors. */
export class Findings {
  /** Whether the file's configuration can be written back. */
  readonly writesConfiguration: boolean;
  readonly settings = new Map<string, Setting>();
  /** Tensors that stand as text in files of their own: how to write them. */
  readonly texts = new Map<string, (numbers: Float32Array) => string>();
  /** Datasets that repeat the numbers of a tensor. */
  readonly copies = new Map<string, string>();
  /** Datasets that predictions do not need: the number that fills each in a released model. */
  readonly resets = new Map<string, number>();
  readonly stateful = new Set<string>();
  readonly #adapted = new Map<string, AdaptedState | undefined>();

  constructor(writesConfiguration = false) {
    this.writesConfiguration = writesConfiguration;
  }

  /** A layer that is called in two places was adapted to one of them, and nothing says to which: its state cannot be taken anew. */
  adapt(state: AdaptedState): void {
    const key = state.stored.join();
    const known = this.#adapted.get(key);
    this.#adapted.set(key, this.#adapted.has(key) && known?.input !== state.input ? undefined : state);
  }

  get adapted(): readonly AdaptedState[] {
    return [...this.#adapted.values()].filter((state) => state !== undefined);
  }
}
