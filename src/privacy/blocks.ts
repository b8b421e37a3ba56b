import { checkEach } from './checks';
import { bestPrefix, checkClippedDescent, countSteps, visitEnergies } from './gradient-clipping';
import type { Block, LayeredGradientClipping, Reference, SequentialSubspaces } from './mechanism';
import { PrivacyError } from './privacy-error';
import { gaussianProfile, roundUpMu, type PrivacyProfile } from './profile';

/**
 * Every block's distance is bounded by its own radii whatever the other blocks do, and each draw of noise is independent over blocks, so the shifts that are
 * absorbed add up: μ_τ² = Σ_b μ_{b,τ}², each from the greatest convex minorant of its block (`ShiftEnergy`, applied to the whitened coordinates of all blocks
 * at once). The prefix rule needs one τ for all blocks, since later steps of any block read all of them. The closed form of `bestPrefix` does not hold for sums.
 */
export function accountLayered(mechanism: LayeredGradientClipping, reference: Reference): PrivacyProfile {
  const steps = checkBlocks(mechanism.blocks);
  const [length = 0, ...others] = steps;
  if (others.some((other) => other !== length)) throw new PrivacyError('malformed', 'all blocks must have equally many steps', { field: 'blocks', remedy: 'Give every block the same number of steps.' });
  const energies = new Float64Array(length);
  for (const block of mechanism.blocks) {
    visitEnergies(block, reference, (step, energy) => {
      energies[step - 1] = (energies[step - 1] ?? 0) + energy;
    });
  }
  const least = energies.reduce((best, energy) => Math.min(best, energy), Infinity);
  return profileOf(least, length + steps.length);
}

/**
 * Blocks compose adaptively: μ² = Σ_b μ_b² (Dong, Roth, Su 2022, Corollary 3.3). Only the last block has the prefix rule: the later steps of any other block
 * read the gradient at blocks that are not noised yet, so they are no post-processing.
 */
export function accountSequential(mechanism: SequentialSubspaces, reference: Reference): PrivacyProfile {
  const steps = checkBlocks(mechanism.blocks);
  let energy = 0;
  for (const [index, block] of mechanism.blocks.entries()) {
    energy += index === mechanism.blocks.length - 1 ? bestPrefix(block, reference).mu ** 2 : wholeEnergy(block, reference);
  }
  return profileOf(energy, Math.max(...steps) + steps.length);
}

/** An energy that underflowed is still not nothing. */
function profileOf(energy: number, operations: number): PrivacyProfile {
  return gaussianProfile(Math.max(Number.MIN_VALUE, roundUpMu(Math.sqrt(energy), operations)));
}

function wholeEnergy(block: Block, reference: Reference): number {
  let last = Infinity;
  visitEnergies(block, reference, (_, energy) => {
    last = energy;
  });
  return last;
}

function checkBlocks(blocks: readonly Block[]): readonly number[] {
  if (blocks.length === 0) throw new PrivacyError('malformed', 'there must be at least one block', { field: 'blocks', remedy: 'Write at least one block.' });
  checkEach(blocks, 'blocks', checkClippedDescent);
  return blocks.map(({ steps }) => countSteps(steps));
}
