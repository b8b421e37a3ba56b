import type { GaussianRestart, OutputPerturbation } from '../../privacy/mechanism';
import type { Perform } from './method';
import { addNoise, clipped } from './noise-and-clip';

/** c + Π_{C0}(x̂ − c) + N(0, σ² I). */
export const outputPerturbation: Perform<OutputPerturbation> = async (mechanism, { session, centre, noise }) => {
  const x = clipped(await session.parameters({ borrowed: true }), centre, mechanism.initialRadius);
  addNoise(x, noise, mechanism.sigma);
  await session.setParameters(x);
  return mechanism;
};

/** N(c, σ² I): the trained parameters are not even read. */
export const gaussianRestart: Perform<GaussianRestart> = async (mechanism, { session, centre, noise }) => {
  const x = centre?.slice() ?? new Float32Array(session.dimension);
  addNoise(x, noise, mechanism.sigma);
  await session.setParameters(x);
  return mechanism;
};
