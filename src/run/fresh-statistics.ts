import type { Engine, Session, TrainingProgram } from '../engine/engine';
import { layoutOf, unflatten } from '../engine/flat-vector';
import { withValues } from '../graph/with-values';
import { recordTensors, statisticsTensors } from './coverage';
import type { RunInputs } from './open-inputs';
import { recomputeStatistics } from './recompute-statistics';

/** A program with a session that has it loaded. */
export interface Prepared {
  readonly program: TrainingProgram;
  readonly session: Session;
}

type Inputs = Pick<RunInputs, 'statistics' | 'train' | 'retain'>;

/** The same parameters with normalisation statistics of the retain set: the session given is disposed of where another takes its place. */
export async function withFreshStatistics(engine: Engine, { program, session }: Prepared, inputs: Inputs, signal: AbortSignal): Promise<Prepared> {
  if (inputs.statistics.length === 0) return { program, session };
  const fresh = await freshProgram(engine, program, await session.parameters(), inputs, signal);
  const prepared = { program: fresh, session: await engine.prepare(fresh) };
  await session.dispose();
  return prepared;
}

/** The program with these parameters and the statistics that they have on the retain set, taken from at most `mostRecords` of it. */
export async function freshProgram(engine: Engine, program: TrainingProgram, parameters: Float32Array, { statistics, train, retain }: Inputs, signal: AbortSignal, mostRecords?: number): Promise<TrainingProgram> {
  const graph = withValues(program.graph, unflatten(layoutOf(program), parameters));
  return { ...program, graph: await recomputeStatistics(engine, graph, statistics, train, retain, signal, mostRecords) };
}

/** Everything that a model's file gets back: the parameters, which are the session's own, and the statistics that were recomputed. */
export async function finalValues({ program, session }: Prepared, inputs: Pick<RunInputs, 'statistics' | 'buffers' | 'model'>): Promise<ReadonlyMap<string, Float32Array>> {
  const buffers = [...statisticsTensors(inputs), ...recordTensors(inputs)].map(({ name }): [string, Float32Array] => [name, Float32Array.from(program.graph.tensors.get(name)?.values ?? [], Number)]);
  return new Map([...unflatten(layoutOf(program), await session.parameters({ borrowed: true })), ...buffers]);
}

/** Work on a session of the program as it was before anything was changed. */
export async function onOriginal<Result>(engine: Engine, prepared: Prepared, { originalGraph, statistics, buffers }: Pick<RunInputs, 'originalGraph' | 'statistics' | 'buffers'>, work: (session: Session) => Promise<Result>): Promise<Result> {
  if (statistics.length + buffers.states.length === 0) return work(prepared.session);
  const session = await engine.prepare({ ...prepared.program, graph: originalGraph });
  try {
    return await work(session);
  } finally {
    await session.dispose();
  }
}
