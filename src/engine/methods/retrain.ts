import type { Retrain } from '../../privacy/mechanism';
import { layoutOf } from '../flat-vector';
import { usualStart } from '../usual-start';
import type { Perform } from './method';
import { addNoise } from './noise-and-clip';

/** A fresh initialisation by the usual rule of each tensor; the trained parameters are not even read. The training itself is the recovery. */
export const retrain: Perform<Retrain> = async (mechanism, { session, program, noise }) => {
  const x = new Float32Array(session.dimension);
  for (const { name, offset, length } of layoutOf(program).segments) {
    const { value, deviation } = usualStart(program.graph, name);
    x.subarray(offset, offset + length).fill(value);
    addNoise(x.subarray(offset, offset + length), noise, deviation);
  }
  await session.setParameters(x);
  return mechanism;
};
