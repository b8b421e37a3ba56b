import type { Assumption } from '../certificate/statement';
import type { Method } from '../privacy/mechanism';
import { normalizesByBatch } from './batch-normalization';
import type { RunInputs } from './open-inputs';
import { wordsOf } from './words-of-method';

/**
 * The seven assumptions that the guarantee stands on, and how this run met each. What could not be enforced is called stated.
 * Source: Koloskova et al. 2025, Definition 2.1 and its proof; shifted interpolation needs 3 to 5.
 */
export function assumptionsOf(method: Method, { loaded, trainable, frozen, centre, statistics, buffers, model, duplicates, selection }: Pick<RunInputs, 'loaded' | 'trainable' | 'frozen' | 'centre' | 'statistics' | 'buffers' | 'model' | 'duplicates' | 'selection'>): Assumption[] {
  const residues = model.residues.length === 0 ? '' : ` ${model.residues.length} leftovers of training (${[...new Set(model.residues.map(({ kind }) => kind))].join(', ')}) were dropped from the file.`;
  const kept = duplicates.kept;
  const usesBase = centre !== undefined && centre.source !== 'initial';
  const { states, identical, declared } = buffers;
  const anew = (['moments', 'bins', 'vocabulary'] as const).map((kind) => {
    const count = states.filter((state) => state.kind === kind).length;
    return count === 0 ? '' : ` ${takenAnew[kind]} (layers: ${count}) were taken from the retain set alone.`;
  }).join('');
  const word = declared.length === 0 ? '' : ` That no deletable data touched ${declared.map(({ tensor }) => tensor.name).join(', ')} is the word of the signer.`;
  const base = !usesBase ? '' : ` ${frozen.length + identical.length} more tensors are bit-identical to a public base model and were left alone${method === 'retrain' ? '' : ', and the others were clipped around its values'}. That no deletable data ever touched this base, and that the same tensors would equal it had the forgotten records never been used, is the word of the signer.`;
  const { done, noise, chosen, memory, intermediate } = wordsOf(method);
  const byBatch = normalizesByBatch({ loaded, statistics }, method);
  const recomputed = `the statistics of ${statistics.length} batch normalisations ${byBatch ? 'entered no step, and were' : 'were reset and'} recomputed from the retain set`;
  const texts: readonly [Assumption['status'], string][] = [
    [base === '' && word === '' ? 'enforced' : 'stated', `All ${trainable.length} trained tensors ${done}; ${statistics.length === 0 ? (anew + word === '' ? 'the model has no buffers computed from data' : 'the model has no batch normalisations') : recomputed}.${anew}${residues}${base}${word}`],
    kept > 0
      ? ['stated', `Gradients came from the retain set alone, but ${kept} exact copies of forgotten records were kept in it at the request's wish.`]
      : ['enforced', 'Gradients came from the retain set alone; no exact copy (features and label) of a forgotten record was left in it.'],
    ['enforced', noise],
    ['stated', chosen],
    ['enforced', `${memory}${byBatch ? ' Every step normalised by mean and variance of its own mini-batch of retained records; no running statistics were kept meanwhile.' : ''}`],
    ['enforced', intermediate],
    ['enforced', `This certificate holds only facts of the released model, the retain set and the request's public parameters, and salted commitments${selection.requests.length > 0 ? '; references of requests are printed as the request gives them' : ''}. The number of forgotten records is disclosed.`],
  ];
  return texts.map(([status, enforcement], index) => ({ id: index + 1, status, enforcement }));
}

const takenAnew = { moments: 'Mean and variance of the records', bins: 'Boundaries of bins', vocabulary: 'Vocabularies' } as const;
