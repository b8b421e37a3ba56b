import { createRequire } from 'node:module';
import type { InferenceSession } from 'onnxruntime-node';
import { UserError } from '../../error';
import { Thread } from '../thread';
import { partsOf, recordsOf } from './differentiator';
import type { Blueprint, GradientModel, Records } from './differentiator';
import type { GradientAnswer, GradientAsk, GradientWork } from './gradient-worker';
import { gradientWorker } from './gradient-worker.generated';

/**
 * Threads that each differentiate a share of every batch, beside the caller, who takes a share as well. Threads inside an operator wait for one
 * another after each of some hundred operators, and several operators have none; shares of a batch meet once a step.
 */
export class Crew {
  private readonly part: number;
  private readonly modelFor: (size: number) => GradientModel;
  private readonly members: readonly { readonly thread: Thread<GradientAsk, GradientAnswer>; readonly seen: Set<number> }[];

  /** `count` threads besides the caller's. */
  constructor(count: number, options: InferenceSession.SessionOptions, blueprint: Blueprint, modelFor: (size: number) => GradientModel) {
    const data: GradientWork = { runtime: createRequire(__filename).resolve('onnxruntime-node'), options, blueprint };
    const failure = (reason: string): UserError => new UserError('engine-thread-failed', `a thread of the onnxruntime engine stopped: ${reason}.`, { remedy: 'Run it again, or set the number of threads to 1.' });
    this.part = blueprint.part;
    this.modelFor = modelFor;
    this.members = Array.from({ length: count }, () => ({ thread: new Thread<GradientAsk, GradientAnswer>(gradientWorker, { data, failure }), seen: new Set<number>() }));
  }

  /** Starts the threads on their shares of a batch at x. Returns their answers to come, and the share that is left to the caller. */
  start(x: Float32Array, batch: Records): { readonly answers: readonly Promise<GradientAnswer>[]; readonly left: Records } {
    const parts = partsOf(batch.size, this.part);
    const share = parts.length / (this.members.length + 1);
    const bounds = Array.from({ length: this.members.length + 2 }, (_, index) => parts[Math.round(index * share)]?.[0] ?? batch.size);
    const shares = bounds.slice(1).map((end, index) => recordsOf(batch, bounds[index] ?? 0, end));
    const answers = this.members.flatMap((member, index) => {
      const records = shares[index];
      return records === undefined || records.size === 0 ? [] : [this.ask(member, x, records, batch.size)];
    });
    return { answers, left: recordsOf(batch, bounds[this.members.length] ?? 0, batch.size) };
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map(({ thread }) => thread.close()));
  }

  private ask({ thread, seen }: Crew['members'][number], x: Float32Array, { size, features, targets }: Records, total: number): Promise<GradientAnswer> {
    const sizes = new Set(partsOf(size, this.part).map(([from, to]) => to - from));
    const models = [...sizes].filter((each) => !seen.has(each)).map((each) => [each, this.modelFor(each)] as const);
    for (const [each] of models) seen.add(each);
    const copies = { x: x.slice(), records: { size, features: features.slice(), targets: targets.slice() } };
    return thread.ask({ ...copies, total, models }, [copies.x.buffer, copies.records.features.buffer, copies.records.targets.buffer]);
  }
}
