import { UserError } from '../error';
import type { StepReport } from './engine';

/** Throws `UserError` `training-diverged` unless loss and gradient norm are numbers; to be called before anything reaches x. */
export function checkedReport(loss: number, gradientNorm: number): StepReport {
  if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
    throw new UserError('training-diverged', `training diverged: the loss is ${loss} and the gradient norm ${gradientNorm}.`, { remedy: 'Lower the learning rate, or check the scaling of the features.' });
  }
  return { loss, gradientNorm };
}

/** Throws unless x has the session's dimension and is finite throughout. */
export function checkParameters(x: Float32Array, dimension: number): void {
  if (x.length !== dimension) throw new RangeError(`expected ${dimension} parameters, got ${x.length}`);
  const bad = x.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) throw new UserError('parameters-not-finite', `parameter ${bad} is ${x[bad] ?? NaN}.`, { remedy: 'The model file holds values that are not numbers; repair or retrain the model.' });
}

export function checkBatch(size: number, expected: number): void {
  if (size !== expected) throw new RangeError(`a training batch has ${expected} records, not ${size}`);
}

/** Predicts any number of records with a function that takes exactly `chunk`; the last chunk is filled up with zeros. */
export async function predictInChunks(features: Float32Array, size: number, chunk: number, outputSize: number, run: (features: Float32Array) => Promise<Float32Array>): Promise<Float32Array> {
  const width = size === 0 ? 0 : features.length / size;
  const predictions = new Float32Array(size * outputSize);
  for (let start = 0; start < size; start += chunk) {
    const count = Math.min(chunk, size - start);
    let part = features.subarray(start * width, (start + count) * width);
    if (count < chunk) {
      const filled = new Float32Array(chunk * width);
      filled.set(part);
      part = filled;
    }
    predictions.set((await run(part)).subarray(0, count * outputSize), start * outputSize);
  }
  return predictions;
}
