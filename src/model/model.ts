import type { Dimension, Graph, Role } from '../graph/graph';
import type { FloatType } from './floats';

/** A file that belongs to a model, by its path relative to the model's own folder. */
export interface ModelFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Something stored in the model's file that is not a tensor of the graph, but that training data could have touched. */
export interface Residue {
  /** Where in the file: `optimizer_weights/Adam/m:0`. */
  readonly name: string;
  readonly kind: 'optimizer-state' | 'buffer' | 'metadata';
  /** What `write` does with it. */
  readonly treatment: 'dropped';
}

/** An opened model: one graph, and the way back to the file format that it came from. */
export interface Model {
  /** For people: `Keras 2 HDF5`, `TensorFlow.js layers`. */
  readonly format: string;
  readonly graph: Graph;
  readonly residues: readonly Residue[];
  /** Batch normalisations that the file tells its reader to take by the batch at hand, as models exported for training do; 0 unless given. The graph predicts with their stored statistics. */
  readonly inTrainingForm?: number;
  /** Types narrower than float32 that the file keeps numbers in: these are trained as float32 and rounded when written. */
  readonly roundedTo?: readonly FloatType[] | undefined;
  /**
   * The same files with only the values of the given tensors changed (and residues dropped).
   * Tensors that are not given keep the values of the original. The first file is the one the user names.
   */
  write(values: ReadonlyMap<string, Float32Array>): Promise<readonly ModelFile[]>;
}

/** What `inspect` shows of a model. */
export interface ModelSummary {
  readonly format: string;
  /** Of the first input. */
  readonly inputShape: readonly Dimension[];
  /** The layers or nodes in the order in which they run, each once. */
  readonly layers: readonly string[];
  /** Numbers in tensors of role `parameter`. */
  readonly parameters: number;
  readonly tensors: readonly TensorSummary[];
  readonly residues: readonly Residue[];
  /** Why this model cannot be trained here; undefined where it can. */
  readonly obstacle: string | undefined;
}

/** What `inspect` shows for each tensor. */
export interface TensorSummary {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dataType: string;
  readonly role: Role;
  readonly count: number;
  /** Euclidean norm; absent where the values were not read, are not floating-point, or are not finite. */
  readonly norm?: number | undefined;
}
