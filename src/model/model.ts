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

/** What a preprocessing layer took from all records at once (`adapt` in Keras): a function of the records alone, which any others give anew. */
export interface AdaptedState {
  readonly kind: 'moments' | 'bins' | 'vocabulary';
  /** Names of the tensors that hold it in the file. */
  readonly stored: readonly string[];
  /** The value of the graph that it was taken from. */
  readonly input: string;
  /** Takes it anew. */
  collect(): StateCollector;
}

/** Is given what the graph's value is for all records, a part at a time. */
export interface StateCollector {
  add(values: Float32Array): void;
  /** New values for the tensors that hold the state, and for those that follow from them. */
  results(): ReadonlyMap<string, Float32Array>;
}

/** An opened model: one graph, and the way back to the file format that it came from. */
export interface Model {
  /** For people: `Keras 2 HDF5`, `TensorFlow.js layers`. */
  readonly format: string;
  readonly graph: Graph;
  readonly residues: readonly Residue[];
  /** Initial values of somebody's choice in the description of the model, which is kept: `b.bias_initializer = -2.94`. */
  readonly chosenConstants?: readonly string[];
  /** Bytes of the file that nothing refers to are kept, because nobody here can tell which these are: what was deleted from it may still be there. */
  readonly unusedSpaceKept?: boolean;
  /** Numbers are stored compressed, in pieces whose places and lengths follow from what the original had there. */
  readonly compressed?: boolean;
  /** State of preprocessing layers that can be taken anew and written back; found by the shape of the graph where it is not listed. */
  readonly adapted?: readonly AdaptedState[];
  /** Layers that go on from one batch to the next where they stopped. Their state is in no file; here every record begins at zero, as after Keras's `reset_states`. */
  readonly stateful?: readonly string[];
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
