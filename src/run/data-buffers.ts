import { resolve } from 'node:path';
import { UserError } from '../error';
import type { NamedTensor } from '../graph/graph';
import { upTo } from '../graph/with-values';
import type { AdaptedState, Model } from '../model/model';
import { openModel } from '../model/open-model';
import type { LoadedRequest } from '../request/load-request';
import type { NormalizationStatistics } from './normalization-statistics';
import { findMoments } from './record-moments';

/** What becomes of the buffers that are no statistics of batch normalisations: nothing that training data made may stay. */
export interface DataBuffers {
  /** Taken anew from the retain set, in this order: what each reads follows from the records, and perhaps from those before it. */
  readonly states: readonly AdaptedState[];
  /** Bit-identical to the public base. */
  readonly identical: readonly NamedTensor[];
  /** Left as they are on the signer's word that no deletable data ever touched them. */
  readonly declared: readonly { readonly tensor: NamedTensor; readonly reason: string }[];
}

/**
 * Settles every buffer of a model but the statistics of its batch normalisations.
 * @param moving names of the tensors that the run changes: what lies behind them does not follow from the records alone
 * Throws `UserError` `buffer-unknown` where the request declares what is no such buffer, `buffer-uncovered` where one is left.
 */
export async function settleBuffers({ graph, adapted = [] }: Pick<Model, 'graph' | 'adapted'>, normalizations: readonly NormalizationStatistics[], moving: ReadonlySet<string>, { request, folder }: LoadedRequest): Promise<DataBuffers> {
  const settled = new Set(normalizations.flatMap(({ mean, variance }) => [mean, variance]));
  const buffers = [...graph.tensors.values()].filter(({ name, role }) => role === 'buffer' && !settled.has(name));
  const reasons = new Map((request.publicBuffers ?? []).map(({ name, reason }) => [name, reason]));
  const unknown = [...reasons.keys()].find((name) => !buffers.some((buffer) => buffer.name === name));
  if (unknown !== undefined) {
    throw new UserError('buffer-unknown', `the model has no tensor ${unknown} that was computed from data and could be declared public`, { field: 'publicBuffers', remedy: buffers.length === 0 ? 'It needs no such declaration.' : `There is: ${buffers.map(({ name }) => name).join(', ')}.` });
  }
  const declared = buffers.flatMap((tensor) => {
    const reason = reasons.get(tensor.name);
    return reason === undefined ? [] : [{ tensor, reason }];
  });
  const undeclared = buffers.filter(({ name }) => !reasons.has(name));
  const identical = undeclared.length === 0 || request.base === undefined ? [] : await identicalTo(resolve(folder, request.base), undeclared);
  const left = undeclared.filter((tensor) => !identical.includes(tensor)).map(({ name }) => name);
  // What a layer keeps belongs together: with a part of it declared, the rest cannot be taken anew.
  const candidates = inOrder({ graph }, [...adapted, ...findMoments(graph)].filter(({ stored }) => stored.every((name) => left.includes(name))));
  const states: AdaptedState[] = [];
  const unsettled = new Set([...moving, ...left]);
  for (const state of candidates) {
    if ([...upTo(graph, state.input).tensors.keys()].some((name) => unsettled.has(name))) continue;
    states.push(state);
    for (const name of state.stored) unsettled.delete(name);
  }
  const uncovered = left.find((name) => unsettled.has(name));
  if (uncovered !== undefined) {
    throw new UserError('buffer-uncovered', `the tensor ${uncovered} was computed from training data, is not a trained parameter, and cannot be computed anew from the retain set here; noise does not cover it, so no certificate can be given`, {
      file: request.model,
      remedy: 'Name a public base that has the same values, or, if no deletable data ever touched it, say so under "publicBuffers" in the request, with the reason; the certificate states it as your word.',
    });
  }
  return { states, identical, declared };
}

/** As the graph runs: what reads the records themselves first. */
function inOrder({ graph }: Pick<Model, 'graph'>, states: readonly AdaptedState[]): readonly AdaptedState[] {
  const place = ({ input }: AdaptedState): number => graph.nodes.findIndex(({ outputs }) => outputs.includes(input));
  return [...states].sort((a, b) => place(a) - place(b));
}

async function identicalTo(path: string, buffers: readonly NamedTensor[]): Promise<readonly NamedTensor[]> {
  const { tensors } = (await openModel(path)).graph;
  const bytes = ({ values }: NamedTensor): Buffer => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return buffers.filter((buffer) => {
    const other = tensors.get(buffer.name);
    return other?.shape.join() === buffer.shape.join() && bytes(other).equals(bytes(buffer));
  });
}
