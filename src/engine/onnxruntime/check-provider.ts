import type { Batch } from '../../data/dataset';
import { UserError } from '../../error';
import { attachLoss } from '../../graph/attach-loss';
import type { Session, TrainingProgram } from '../engine';
import { labelsPerRecord } from '../targets';

/** Records of the comparison: more would only cost time. */
const RECORDS = 8;
/** Cards that round products to 10 bits are off by some thousandths; a wrong operator is off by more. */
const TOLERANCE = 0.02;

/**
 * Compares what an execution provider computes of a program with the CPU, on made-up records: some have operators that are wrong for some models,
 * and say nothing. `onProcessor` is disposed of. Throws `UserError` `engine-differs`.
 */
export async function checkProvider(provider: string, session: Session, onProcessor: Session, program: TrainingProgram): Promise<void> {
  try {
    const batch = madeUp(program);
    const [gradient, expected] = [(await session.gradient(batch)).gradient, (await onProcessor.gradient(batch)).gradient];
    const [prediction, predicted] = [await session.predict(batch.features, batch.size), await onProcessor.predict(batch.features, batch.size)];
    const error = Math.max(relative(gradient, expected), relative(prediction, predicted));
    if (error > TOLERANCE) {
      throw new UserError('engine-differs', `on ${provider} this model gives other numbers than on the CPU: they differ by ${(100 * error).toPrecision(2)} % of their norm`, { remedy: 'Set the execution provider to cpu.' });
    }
  } finally {
    await onProcessor.dispose();
  }
}

/** Zeros and ones in no simple order: images and tokens may both be such. */
function madeUp(program: TrainingProgram): Batch {
  const size = Math.min(RECORDS, program.batchSize);
  const width = (program.graph.inputs[0]?.shape ?? []).reduce<number>((product, dimension) => product * (dimension === 'batch' ? size : dimension), 1);
  const { outputSize, classes } = attachLoss(program.graph, program.loss);
  return {
    size,
    features: new Float32Array(width).map((_unused, index) => (Math.sin(12.9898 * index) * 43758.5453) % 1 > 0 ? 1 : 0),
    labels: new Int32Array(size * labelsPerRecord(program.loss, { size: outputSize, classes })),
  };
}

/** ‖a − b‖/‖b‖; what is not a number counts as infinitely far. */
function relative(a: Float32Array, b: Float32Array): number {
  let difference = 0;
  let length = 0;
  b.forEach((value, index) => {
    difference += ((a[index] ?? NaN) - value) ** 2;
    length += value ** 2;
  });
  if (Number.isNaN(difference)) return Infinity;
  return length === 0 ? Math.sqrt(difference) : Math.sqrt(difference / length);
}
