import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/data/dataset';
import { openOnnxRuntime } from '../../../src/engine/onnxruntime/open';
import { unlearn } from '../../../src/engine/unlearn';
import { calibrateNoise } from '../../../src/privacy/calibrate-any';
import { CertifiedRun, publicMechanism } from '../../../src/privacy/certified-run';
import { ModelWriter, spread } from './models';

/** The three losses of a linear head: its own float64 gradient against the engine's, for one step on all records without noise. */

const RECORDS = 12;
const features = spread(RECORDS * 3, 11);
const target = { epsilon: 1, delta: 1e-5 };

describe.each([
  // The head's squared loss is ½(y − p)², half of the engine's (y − p)².
  ['mean-squared-error', 'squared', 2, 0.5],
  ['binary-cross-entropy', 'binary-cross-entropy', 1, 1],
  ['softmax-cross-entropy', 'softmax-cross-entropy', 3, 1],
] as const)('a linear head under %s', (loss, headLoss, outputs, share) => {
  it('descends along the gradient of the engine', async () => {
    const perRecord = loss === 'mean-squared-error' ? outputs : 1;
    const labelOf = (record: number): number[] => Array.from({ length: perRecord }, (_unused, output) => (loss === 'mean-squared-error' ? Math.sin(perRecord * record + output) : record % Math.max(2, outputs)));
    const dataset: Dataset = {
      count: RECORDS,
      featureShape: [3],
      labelKind: loss === 'mean-squared-error' ? 'value' : 'class',
      read: (records) => Promise.resolve({
        size: records.length,
        features: Float32Array.from(Array.from(records).flatMap((record) => Array.from(features.subarray(record * 3, record * 3 + 3)))),
        labels: Float32Array.from(Array.from(records).flatMap(labelOf)),
      }),
      digests: () => Promise.reject(new Error('not needed')),
    };
    const writer = new ModelWriter();
    const program = writer.program(writer.dense(writer.input(3), 3, outputs, 'dense'), loss, RECORDS);
    const engine = await openOnnxRuntime({ threads: 1 });
    const session = await engine.prepare(program);
    const start = spread(session.dimension, 4, 0.5);
    const rate = 0.01;
    const mechanism = calibrateNoise({ method: 'convex-head', loss: headLoss, initialRadius: 5, steps: [{ count: 1, learningRate: rate, decay: 1e-6, inputRadius: 2 }], sigma: 1 }, target, 'retrained');
    await session.setParameters(start);
    const run = CertifiedRun.certify(publicMechanism(mechanism), target, 'retrained');
    const { parameters } = await unlearn({ engine, session, program, run, dataset, retain: Uint32Array.from({ length: RECORDS }, (_unused, record) => record), seed: 1, noise: { fill: (into) => void into.fill(0) } });
    await session.setParameters(start);
    const { gradient } = await session.gradient(await dataset.read(Uint32Array.from({ length: RECORDS }, (_unused, record) => record)));
    // Parameters below 1 are rounded to 2⁻²⁵, which the rate divides; the gradient to 2⁻²⁴ of its terms.
    for (const [index, value] of gradient.entries()) expect(((start[index] ?? NaN) - (parameters[index] ?? NaN)) / rate).toBeCloseTo(share * value, 4);
    await session.dispose();
  });
});
