import { UserError } from '../error';
import { attachLoss } from '../graph/attach-loss';
import type { Engine, EngineName, Session, TrainingProgram } from './engine';
import { openOnnxRuntime } from './onnxruntime/open';
import type { OnnxRuntimeOptions } from './onnxruntime/open';
import { labelsPerRecord } from './targets';
import { openTensorFlow } from './tensorflow/open';
import type { TensorFlowOptions } from './tensorflow/open';

export interface EngineOptions {
  readonly onnxruntime?: OnnxRuntimeOptions;
  readonly tensorflow?: TensorFlowOptions;
  /** Parameters of a public base model: the centre of clipping and decay. */
  readonly centre?: Float32Array;
}

/** An engine that is there, or why it is not. */
export type EngineState = { readonly name: EngineName; readonly title: string } & ({ readonly versions: Readonly<Record<string, string>> } | { readonly missing: string });

export interface ChosenEngine {
  readonly engine: Engine;
  readonly session: Session;
  /** For people: why this one. */
  readonly reason: string;
}

/** Loads one engine. Throws `UserError` `engine-missing`. */
export async function openEngine(name: EngineName, options: EngineOptions = {}): Promise<Engine> {
  try {
    return await (name === 'onnxruntime' ? openOnnxRuntime(options.onnxruntime) : openTensorFlow(options.tensorflow));
  } catch (error) {
    throw new UserError('engine-missing', `the ${name} engine does not load: ${messageOf(error)}`, { remedy: 'Set the engine to "auto".', cause: error });
  }
}

/** What is there on this machine and what is missing, with the reason. */
export async function listEngines(options: EngineOptions = {}): Promise<readonly EngineState[]> {
  const look = async (name: EngineName, title: string, open: () => Promise<Engine>): Promise<EngineState> => {
    try {
      return { name, title, versions: (await open()).versions };
    } catch (error) {
      return { name, title, missing: messageOf(error) };
    }
  };
  return [
    await look('onnxruntime', 'ONNX Runtime', () => openOnnxRuntime(options.onnxruntime)),
    await look('tensorflow', 'TensorFlow (native)', () => openTensorFlow({ ...options.tensorflow, backend: 'native' })),
    await look('tensorflow', 'TensorFlow.js (WebAssembly)', () => openTensorFlow({ ...options.tensorflow, backend: 'wasm' })),
  ];
}

/**
 * The engine of that name, ready to run the program; for `auto`, the one whose step of this program is faster on this machine.
 * The timed steps see made-up records and leave the parameters as they are. Throws `UserError` `engine-missing`, or what preparing throws.
 */
export async function chooseEngine(choice: EngineName | 'auto', program: TrainingProgram, options: EngineOptions = {}): Promise<ChosenEngine> {
  if (choice !== 'auto') {
    const engine = await openEngine(choice, options);
    return { engine, session: await engine.prepare(program, options.centre), reason: `${choice} was asked for.` };
  }
  const timed: { engine: Engine; session: Session; milliseconds: number }[] = [];
  const failures: { name: EngineName; error: unknown }[] = [];
  for (const name of ['onnxruntime', 'tensorflow'] as const) {
    try {
      const engine = await openEngine(name, options);
      const session = await engine.prepare(program, options.centre);
      timed.push({ engine, session, milliseconds: await timeStep(session, program) });
    } catch (error) {
      failures.push({ name, error });
    }
  }
  const [best, ...others] = timed.sort((a, b) => a.milliseconds - b.milliseconds);
  if (best === undefined) throw failures[0]?.error;
  await Promise.all(others.map(({ session }) => session.dispose()));
  const compared = others.map(({ engine, milliseconds }) => `${engine.name} takes ${milliseconds.toPrecision(3)} ms`);
  const missing = failures.map(({ name, error }) => `${name} cannot run it: ${messageOf(error)}`);
  return { engine: best.engine, session: best.session, reason: [`${best.engine.name} takes ${best.milliseconds.toPrecision(3)} ms a step`, ...compared, ...missing].join('; ') };
}

/** Milliseconds of the faster of three steps after a first one, which pays for preparation. */
async function timeStep(session: Session, program: TrainingProgram): Promise<number> {
  const width = (program.graph.inputs[0]?.shape ?? []).reduce<number>((product, size) => product * (size === 'batch' ? program.batchSize : size), 1);
  const { outputSize, classes } = attachLoss(program.graph, program.loss);
  const labels = new Int32Array(program.batchSize * labelsPerRecord(program.loss, { size: outputSize, classes }));
  const batch = { size: program.batchSize, features: new Float32Array(width), labels };
  const step = { learningRate: 0, decay: 0, gradientRadius: 1, sigma: 0, noise: new Float32Array(session.dimension) };
  let best = Infinity;
  for (let repetition = 0; repetition < 4; repetition++) {
    const start = performance.now();
    await session.noisyStep(batch, step);
    if (repetition > 0) best = Math.min(best, performance.now() - start);
  }
  return best;
}

function messageOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line;
}
