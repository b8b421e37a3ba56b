import { z } from 'zod';
import { UserError } from '../../error';

const weight = z.looseObject({
  name: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  dtype: z.string(),
  quantization: z.unknown().optional(),
  group: z.string().optional(),
});
const group = z.object({ paths: z.array(z.string()), weights: z.array(weight) });

/** TensorFlow.js's `model.json`; what it needs beyond these is kept as it is. */
export const modelJson = z.object({
  modelTopology: z.record(z.string(), z.unknown()),
  format: z.string().optional(),
  weightsManifest: z.array(group),
});

export type ModelJson = z.output<typeof modelJson>;
export type WeightGroup = z.output<typeof group>;
export type WeightEntry = z.output<typeof weight>;

const bytesPerElement: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 };

export function isOptimizerState(entry: WeightEntry): boolean {
  return entry.group === 'optimizer';
}

/** @throws UserError weights-quantized, weights-type: whatever is trained must be float32 */
export function byteLength(entry: WeightEntry, file: string): number {
  const size = bytesPerElement[entry.dtype];
  if (entry.quantization !== undefined) {
    throw new UserError('weights-quantized', `the weight \`${entry.name}\` is quantised: it holds rounded numbers, and noise of a certified size cannot be added to those.`, { file, remedy: 'Convert the model without quantisation.' });
  }
  if (size === undefined || (entry.dtype !== 'float32' && !isOptimizerState(entry))) throw new UserError('weights-type', `the weight \`${entry.name}\` is stored as ${entry.dtype}; only float32 is supported.`, { file, remedy: 'Convert the Keras model again without changing its types, or name the Keras file itself.' });
  return entry.shape.reduce((count, dimension) => count * dimension, 1) * size;
}
