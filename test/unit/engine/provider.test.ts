import { describe, expect, it, test } from 'vitest';
import type { Session } from '../../../src/engine/engine';
import { checkProvider } from '../../../src/engine/onnxruntime/check-provider';
import { openOnnxRuntime } from '../../../src/engine/onnxruntime/open';
import { withPlainErrors, withPoolingOnProcessor, withProcessor } from '../../../src/engine/onnxruntime/provider-limits';
import { attachLoss } from '../../../src/graph/attach-loss';
import { gradientGraph } from '../../../src/engine/onnxruntime/training-graph';
import { mlp, ModelWriter, spread } from './models';

/** Two sessions on the CPU stand in for one on another execution provider and its reference; the real thing needs a graphics card (docs/engines.md). */
async function pair(): Promise<readonly [Session, Session]> {
  const engine = await openOnnxRuntime({ threads: 1 });
  const program = mlp([3, 4, 2], 5);
  return [await engine.prepare(program), await engine.prepare(program)];
}

describe('an execution provider', () => {
  it('that computes what the CPU computes passes', async () => {
    const [session, reference] = await pair();
    await expect(checkProvider('webgpu', session, reference, mlp([3, 4, 2], 5))).resolves.toBeUndefined();
    await session.dispose();
  });

  it('that computes something else is refused before anything is trained on it', async () => {
    const [session, reference] = await pair();
    await session.setParameters(spread(session.dimension, 3));
    await expect(checkProvider('webgpu', session, reference, mlp([3, 4, 2], 5))).rejects.toMatchObject({ code: 'engine-differs', message: expect.stringMatching(/on webgpu .* differ by \d/) as unknown });
    await session.dispose();
  });

  it('that gives no numbers is refused', async () => {
    const [session, reference] = await pair();
    const broken: Session = { ...session, predict: (_features, size) => Promise.resolve(new Float32Array(2 * size).fill(NaN)) };
    await expect(checkProvider('webgpu', broken, reference, mlp([3, 4, 2], 5))).rejects.toMatchObject({ code: 'engine-differs', message: expect.stringMatching(/Infinity/) as unknown });
    await session.dispose();
  });

  it('that fails while it computes says so with a remedy, and our own defects stay defects', async () => {
    const [session, other] = await pair();
    const failing = (error: Error): Session => withPlainErrors({ ...session, predict: () => Promise.reject(error) }, 'webgpu');
    await expect(failing(new Error('Non-zero status code\nmore')).predict(new Float32Array(3), 1)).rejects.toMatchObject({ code: 'engine-failed', message: 'onnxruntime cannot compute this model on webgpu: Non-zero status code', remedy: 'Set the execution provider to cpu.' });
    await expect(failing(new RangeError('ours')).predict(new Float32Array(3), 1)).rejects.toBeInstanceOf(RangeError);
    await session.dispose();
    await other.dispose();
  });
});

test('max-poolings that a gradient goes through stay on the CPU where the rest is on WebGPU', () => {
  const writer = new ModelWriter();
  const pooled = writer.build.node('MaxPool', [writer.conv(writer.input(1, 9, 9), 1, 2, 3, 'conv')], { kernel_shape: [3, 3], strides: [2, 2] });
  const program = writer.program(writer.dense(writer.build.node('Flatten', [pooled]), 18, 2, 'dense'), 'softmax-cross-entropy', 4);
  const { graph } = gradientGraph(attachLoss(program.graph, program.loss), program.trainable, 4);
  const poolings = graph.nodes.filter(({ operator, outputs }) => operator === 'MaxPool' && outputs.length > 1).flatMap(({ outputs }) => outputs[0] ?? '');
  expect(poolings).toEqual([pooled]);
  const options = { executionProviders: withProcessor('webgpu') };
  expect(withPoolingOnProcessor(options, () => graph).executionProviders).toEqual([{ name: 'webgpu', preferredLayout: 'NCHW', forceCpuNodeNames: poolings }, 'cpu']);
  const onCpu = { executionProviders: withProcessor('cpu') };
  expect(withPoolingOnProcessor(onCpu, () => graph)).toBe(onCpu);
});
