import { batchFor, cnn, lenet, mlp, tokensFor, transformer } from '../test/unit/engine/models';
import type { Batch } from '../src/data/dataset';
import type { TrainingProgram } from '../src/engine/engine';

export interface BenchModel {
  readonly name: string;
  readonly program: TrainingProgram;
  readonly batch: Batch;
}

const plain = (name: string, program: TrainingProgram): BenchModel => ({ name, program, batch: batchFor(program, 10) });

/** The models of the speed table, with batches of `batchSize` records. */
export function benchModels(batchSize: number): readonly BenchModel[] {
  const attention = transformer(batchSize, { layers: 2, width: 64, heads: 4, length: 64, vocabulary: 1000 });
  return [
    plain('MLP 784-5-10', mlp([784, 5, 10], batchSize)),
    plain('MLP 512-32-32-10', mlp([512, 32, 32, 10], batchSize)),
    plain('MLP 784-512-512-10', mlp([784, 512, 512, 10], batchSize)),
    plain('CNN 32×32×3', cnn(batchSize)),
    plain('LeNet 28×28', lenet(batchSize)),
    { name: 'transformer 2×64, length 64', program: attention, batch: tokensFor(attention, 10, 1000) },
  ];
}
