import type { Block, GradientClippingStep, LayeredGradientClipping, SequentialSubspaces } from '../../privacy/mechanism';
import { batchesOf } from '../../privacy/stages';
import { layoutOf, type Segment } from '../flat-vector';
import { requireNoise, type NoiseStream } from '../noise/noise-source';
import { noiseStream } from '../noise/noise-stream';
import { norm } from '../update';
import { eachStep, StepRecord, type Perform, type Workplace } from './method';
import { clipped, noiseFor } from './noise-and-clip';

/** A block of one tensor: where it lies in the flat vector, and its schedule. */
interface Placed {
  readonly block: Block;
  readonly segment: Segment;
  readonly record: StepRecord<GradientClippingStep>;
}

/** A block and what it does next. */
interface Move {
  readonly place: Placed;
  readonly step: GradientClippingStep;
}

/** In every step each block moves along its own clipped part of one gradient, with its own decay and noise. */
export const layeredGradientClipping: Perform<LayeredGradientClipping> = async (mechanism, workplace) => {
  const placed = placeBlocks(mechanism.blocks, workplace);
  const x = await clipBlocks(placed, workplace);
  const schedules = placed.map(({ block }) => eachStep(block.steps));
  const nextMoves = (): readonly Move[] => placed.flatMap((place, index) => {
    const next = schedules[index]?.next();
    return next === undefined || next.done === true ? [] : [{ place, step: next.value }];
  });
  const normals = noiseStream(workplace.noise, x.length, batchesOf(mechanism));
  try {
    for (let moves = nextMoves(); moves.length > 0; moves = nextMoves()) await moveBlocks(x, moves, { stream: normals, offset: 0 }, workplace);
  } finally {
    await normals.close();
  }
  return { ...mechanism, blocks: executed(placed) };
};

/** All steps of one block with the others frozen, then the next (P. Dolgova, S. Stich, arXiv 2601.05134). */
export const sequentialSubspaces: Perform<SequentialSubspaces> = async (mechanism, workplace) => {
  const placed = placeBlocks(mechanism.blocks, workplace);
  const x = await clipBlocks(placed, workplace);
  for (const place of placed) {
    const steps = [...eachStep(place.block.steps)];
    const normals = noiseStream(workplace.noise, place.segment.length, steps.length);
    try {
      for (const step of steps) await moveBlocks(x, [{ place, step }], { stream: normals, offset: place.segment.offset }, workplace);
    } finally {
      await normals.close();
    }
  }
  return { ...mechanism, blocks: executed(placed) };
};

/** Blocks are single tensors, named by them. Throws `RangeError` unless they are all the trained tensors, each once. */
function placeBlocks(blocks: readonly Block[], { program }: Workplace): readonly Placed[] {
  const { segments } = layoutOf(program);
  const placed = blocks.map((block) => {
    const segment = segments.find(({ name }) => name === block.name);
    if (segment === undefined) throw new RangeError(`the block ${block.name} is not a trained tensor`);
    return { block, segment, record: new StepRecord<GradientClippingStep>() };
  });
  if (new Set(placed.map(({ segment }) => segment)).size !== segments.length || placed.length !== segments.length) throw new RangeError('every trained tensor must be one block');
  return placed;
}

async function clipBlocks(placed: readonly Placed[], { session, centre }: Workplace): Promise<Float32Array> {
  const x = await session.parameters({ borrowed: true });
  for (const { block, segment } of placed) x.set(clipped(part(x, segment), centre && part(centre, segment), block.initialRadius), segment.offset);
  await session.setParameters(x);
  return x;
}

/**
 * One step: the gradient at x as a whole, of which each block takes its own part. Blocks without a move stay where they are. The noise covers
 * the coordinates from `offset` on.
 */
async function moveBlocks(x: Float32Array, moves: readonly Move[], { stream, offset }: { readonly stream: NoiseStream; readonly offset: number }, workplace: Workplace): Promise<void> {
  const { session, centre, nextBatch, breathe, onStep } = workplace;
  await breathe();
  const drawn = noiseFor(Math.max(...moves.map(({ step }) => step.sigma)), stream);
  const { loss, gradient } = await session.gradient(await nextBatch(), { borrowed: true });
  const normals = await drawn;
  for (const { place, step } of moves) {
    const { segment } = place;
    const noise = normals.subarray(segment.offset - offset, segment.offset - offset + segment.length);
    requireNoise(noise, step.sigma, segment.length);
    const own = part(gradient, segment);
    const length = norm(own);
    const pull = step.learningRate * step.decay;
    const rate = step.learningRate * (length > step.gradientRadius ? step.gradientRadius / length : 1);
    for (let index = 0; index < segment.length; index++) {
      const at = segment.offset + index;
      const value = x[at] ?? 0;
      x[at] = value - pull * (value - (centre?.[at] ?? 0)) - rate * (own[index] ?? 0) + step.sigma * (noise[index] ?? 0);
    }
    place.record.add(step);
  }
  await session.setParameters(x);
  onStep(loss);
}

function part(x: Float32Array, { offset, length }: Segment): Float32Array {
  return x.subarray(offset, offset + length);
}

function executed(placed: readonly Placed[]): readonly Block[] {
  return placed.map(({ block, record }) => ({ ...block, steps: record.steps }));
}
