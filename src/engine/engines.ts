import { messageOf, UserError } from '../error';
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
    throw new UserError('engine-missing', `the ${name} engine does not load${providerIn(name, options)}: ${messageOf(error)}`, { remedy: remedyFor(name, options), cause: error });
  }
}

function providerIn(name: EngineName, { onnxruntime }: EngineOptions): string {
  const provider = onnxruntime?.executionProvider;
  return name === 'tensorflow' || provider === undefined || provider === 'cpu' ? '' : ` with the execution provider ${provider}`;
}

/** Whether the options name something that has to work: then nothing else may take its place. */
function isAskedFor(name: EngineName, { onnxruntime, tensorflow }: EngineOptions): boolean {
  return name === 'onnxruntime' ? (onnxruntime?.executionProvider ?? 'cpu') !== 'cpu' : tensorflow?.nativeFolder !== undefined;
}

function remedyFor(name: EngineName, options: EngineOptions): string {
  if (!isAskedFor(name, options)) return 'Set the engine to "auto", or see what is there with "certified-unlearning engines".';
  return name === 'onnxruntime' ? 'Choose another execution provider; "certified-unlearning engines" says which work here.' : 'Name the folder of a working @tensorflow/tfjs-node, or none.';
}

/** Parameters above which `auto` does not try a second engine beside one that works: it would hold the model several times over (docs/engines.md, "Memory"). */
const mostToCompare = 1 << 22;

/**
 * The engine of that name, ready to run the program; for `auto`, the one whose step of this program is faster on this machine.
 * The timed steps see made-up records and leave the parameters as they are. Throws `UserError` `engine-missing`, `engine-differs` or `engine-failed`,
 * also for `auto` where the options name an execution provider or a folder that does not work, or what preparing throws.
 */
export async function chooseEngine(choice: EngineName | 'auto', program: TrainingProgram, options: EngineOptions = {}): Promise<ChosenEngine> {
  if (choice !== 'auto') {
    const engine = await openEngine(choice, options);
    return { engine, session: await engine.prepare(program, options.centre), reason: [`${choice} was asked for`, ...notesOf(engine)].join('; ') };
  }
  const timed: { engine: Engine; session: Session; milliseconds: number }[] = [];
  const failures: { name: EngineName; error: unknown }[] = [];
  const skipped: string[] = [];
  for (const name of ['onnxruntime', 'tensorflow'] as const) {
    const dimension = timed[0]?.session.dimension ?? 0;
    if (dimension > mostToCompare && !isAskedFor(name, options)) {
      skipped.push(`${name} was not tried, to spare memory: the model has ${dimension.toLocaleString('en')} parameters`);
      continue;
    }
    try {
      const engine = await openEngine(name, options);
      const session = await engine.prepare(program, options.centre);
      timed.push({ engine, session, milliseconds: await timeStep(session, program) });
    } catch (error) {
      if (error instanceof UserError && error.code.startsWith('engine-') && isAskedFor(name, options)) {
        await Promise.all(timed.map(({ session }) => session.dispose()));
        throw error;
      }
      failures.push({ name, error });
    }
  }
  const [best, ...others] = timed.sort((a, b) => a.milliseconds - b.milliseconds);
  if (best === undefined) throw failures[0]?.error;
  await Promise.all(others.map(({ session }) => session.dispose()));
  const compared = others.map(({ engine, milliseconds }) => `${engine.name} takes ${milliseconds.toPrecision(3)} ms`);
  const missing = failures.map(({ name, error }) => `${name} cannot run it: ${messageOf(error)}`);
  return { engine: best.engine, session: best.session, reason: [`${best.engine.name} takes ${best.milliseconds.toPrecision(3)} ms a step`, ...compared, ...missing, ...skipped, ...[best, ...others].flatMap(({ engine }) => notesOf(engine))].join('; ') };
}

const notesOf = ({ note }: Engine): string[] => (note === undefined ? [] : [note]);

/** Milliseconds of the faster of three steps after a first one, which pays for preparation. */
async function timeStep(session: Session, program: TrainingProgram): Promise<number> {
  const width = (program.graph.inputs[0]?.shape ?? []).reduce<number>((product, size) => product * (size === 'batch' ? program.batchSize : size), 1);
  const { outputSize, classes } = attachLoss(program.graph, program.loss);
  const labels = new Int32Array(program.batchSize * labelsPerRecord(program.loss, { size: outputSize, classes }));
  const batch = { size: program.batchSize, features: new Float32Array(width), labels };
  const step = { learningRate: 0, decay: 0, gradientRadius: 1, sigma: 0, noise: new Float32Array(0) };
  let best = Infinity;
  for (let repetition = 0; repetition < 4; repetition++) {
    const start = performance.now();
    await session.noisyStep(batch, step);
    if (repetition > 0) best = Math.min(best, performance.now() - start);
  }
  return best;
}
