import type * as onnxruntime from 'onnxruntime-node';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Dimension } from '../../graph/graph';
import type { Segment } from '../flat-vector';
import type { FlatState } from '../noise/flat-state';
import { runInPlace } from './in-place';

export type OnnxRuntime = typeof onnxruntime;
export type Tensors = Record<string, Tensor>;

/** A program as a thread needs to know it: names and shapes, no graph. */
export interface Blueprint {
  /** The trained tensors, one after the other in the flat vector. */
  readonly segments: readonly Segment[];
  readonly input: Value;
  readonly target: Value;
  /** Name of the output that is the mean loss. */
  readonly loss: string;
  /** Most records to differentiate at a time. */
  readonly part: number;
  /** Whether gradients of parts have to be added up: not where every batch is one part. */
  readonly inParts: boolean;
}

export interface Value {
  readonly name: string;
  readonly shape: readonly Dimension[];
}

/** A gradient graph for one number of records, as bytes of ONNX, to be run in place; `gradients` names its outputs in the order of the segments. */
export interface GradientModel {
  readonly bytes: Uint8Array;
  readonly gradients: readonly string[];
  readonly end: string;
}

/** Records as the graph reads them, row-major. */
export interface Records {
  readonly size: number;
  readonly features: Float32Array;
  readonly targets: Float32Array;
}

/** A gradient graph, ready to run. */
interface Opened {
  readonly session: InferenceSession;
  readonly end: string;
  readonly outputs: Tensors;
}

/** Loss and gradient of a program on one thread of this process; x and the gradient lie in the state. */
export class Differentiator {
  private readonly ort: OnnxRuntime;
  private readonly options: InferenceSession.SessionOptions;
  private readonly blueprint: Blueprint;
  private readonly state: FlatState;
  private readonly modelFor: (size: number) => GradientModel;
  /** x as the graph's inputs. */
  readonly parameters: Tensors;
  private readonly loss: Tensor;
  private readonly sessions = new Map<number, Promise<Opened>>();

  constructor(ort: OnnxRuntime, options: InferenceSession.SessionOptions, blueprint: Blueprint, state: FlatState, modelFor: (size: number) => GradientModel) {
    this.ort = ort;
    this.options = options;
    this.blueprint = blueprint;
    this.state = state;
    this.modelFor = modelFor;
    this.parameters = this.views(state.x, blueprint.segments.map(({ name }) => name));
    this.loss = new ort.Tensor('float32', new Float32Array(1), []);
  }

  /**
   * Leaves Σ over these records of (gradient of the record's loss)/`total` in the state's gradient and returns the like sum of losses: mean loss and
   * gradient of a batch where the records are all of it, their share where they are not.
   */
  async run(records: Records, total: number): Promise<number> {
    const { state, blueprint } = this;
    if (!blueprint.inParts) return this.runPart(records);
    state.gradient.fill(0);
    let loss = 0;
    for (const [from, to] of partsOf(records.size, blueprint.part)) {
      const weight = (to - from) / total;
      loss += weight * (await this.runPart(recordsOf(records, from, to)));
      state.addPart(weight);
    }
    return loss;
  }

  async release(): Promise<void> {
    for (const { session } of await Promise.all(this.sessions.values())) await session.release();
  }

  /** Leaves the gradient of the mean loss on these records in the state's part and returns that loss. */
  private async runPart({ size, features, targets }: Records): Promise<number> {
    const opened = this.sessions.get(size) ?? this.open(size);
    this.sessions.set(size, opened);
    const { session, end, outputs } = await opened;
    const { input, target } = this.blueprint;
    const feed = ({ shape }: Value, values: Float32Array): Tensor => new this.ort.Tensor('float32', values, shape.map((dimension) => (dimension === 'batch' ? size : dimension)));
    await runInPlace(session, end, { ...this.parameters, [input.name]: feed(input, features), [target.name]: feed(target, targets) }, outputs);
    return Number(this.loss.data[0]);
  }

  private async open(size: number): Promise<Opened> {
    const { bytes, gradients, end } = this.modelFor(size);
    const outputs = { [this.blueprint.loss]: this.loss, ...this.views(this.state.part, gradients) };
    return { session: await this.ort.InferenceSession.create(bytes, this.options), end, outputs };
  }

  private views(flat: Float32Array, names: readonly string[]): Tensors {
    return Object.fromEntries(this.blueprint.segments.map(({ shape, offset, length }, index) => [names[index] ?? '', new this.ort.Tensor('float32', flat.subarray(offset, offset + length), shape)]));
  }
}

/** The ranges in which `size` records are taken: all of `part` but perhaps the last. */
export function partsOf(size: number, part: number): readonly (readonly [number, number])[] {
  return Array.from({ length: Math.ceil(size / part) }, (_, index) => [index * part, Math.min((index + 1) * part, size)]);
}

/** The records from `from` up to `to`, as views. */
export function recordsOf({ size, features, targets }: Records, from: number, to: number): Records {
  const [width, each] = [features.length / size, targets.length / size];
  return { size: to - from, features: features.subarray(from * width, to * width), targets: targets.subarray(from * each, to * each) };
}
