import type { Assumption, Coverage, Predicate } from '../certificate/statement';
import type { Plan } from '../plan/plan';
import { assumptionsOf } from './assumptions';
import { coverageOf, recordTensors, statisticsTensors } from './coverage';
import type { RunInputs } from './open-inputs';

/** The part of a certificate that speaks of the model: what was done to everything in its files, and how the assumptions were met. */
export interface CertifiedTensors {
  /** All tensors, whatever was done to them. */
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Names of what else in the files training data could have touched. */
  readonly residues: readonly string[];
  readonly coverage: readonly Coverage[];
  readonly assumptions: Assumption[];
  readonly centre: Predicate['centre'];
  /** Sentences to add to what is not guaranteed. */
  readonly limits: readonly string[];
}

/** For a model that was trained here. */
export function certifiedTensors(inputs: RunInputs, { mechanism }: Plan): CertifiedTensors {
  const kept = keptByOnnx(inputs) ?? keptByHand(inputs);
  const { unusedSpaceKept = false, compressed = false } = inputs.model;
  const counted = countedWords(inputs);
  const assumptions = assumptionsOf(mechanism.method, inputs);
  return {
    tensors: [...inputs.trainable, ...inputs.frozen, ...statisticsTensors(inputs), ...recordTensors(inputs), ...inputs.buffers.identical, ...inputs.buffers.declared.map(({ tensor }) => tensor)].map(({ name, shape }) => ({ name, shape })),
    residues: inputs.model.residues.map(({ name }) => name),
    coverage: coverageOf(mechanism.method, inputs),
    assumptions: kept === undefined && !unusedSpaceKept && !compressed && counted.length === 0 ? assumptions : assumptions.map((each) => (each.id === 1 ? { ...each, status: 'stated' } : each)),
    centre: mechanism.method === 'retrain' || inputs.centre === undefined ? 'zero' : inputs.centre.source,
    limits: [kept ?? 'Names, layer settings, descriptions and dates in the model\'s files were kept as they are; noise does not cover them.', ...(unusedSpaceKept ? [unusedSpace] : []), ...(compressed ? [places] : []), ...inTrainingForm(inputs), ...goingOn(inputs), ...counted, ...onTheSignersWord(inputs), ...rounded(inputs)],
  };
}

const places = 'The file stores numbers compressed. Where its pieces lie can depend on how long those of the original were, and noise does not cover that.';
const unusedSpace = 'Bytes of the file that nothing in it refers to were kept, because its structure is not one that can be searched for them here. That nothing was deleted from the file before, which would still be there, is the word of the signer.';

/** What nothing here could check. */
function onTheSignersWord({ buffers: { declared } }: Pick<RunInputs, 'buffers'>): string[] {
  if (declared.length === 0) return [];
  const names = declared.map(({ tensor }) => tensor.name).join(', ');
  return [declared.length === 1
    ? `${names} was left as in the original model. That no deletable data ever touched it is the word of the signer; noise does not cover it.`
    : `${names} were left as in the original model. That no deletable data ever touched them is the word of the signer; noise does not cover them.`];
}

/** Such a file gives predictions that depend on which records share a batch. */
function inTrainingForm({ model: { inTrainingForm: count = 0 } }: Pick<RunInputs, 'model'>): string[] {
  if (count === 0) return [];
  return [`${count === 1 ? 'The file has 1 batch normalisation in training form, as it was exported.' : `The file has ${count} batch normalisations in training form, as it was exported.`} What is said of the released model here was measured with its running statistics; a program that follows the file normalises by whatever batch it is given.`];
}

/** The words of a vocabulary are taken from the retain set, but how many there are is part of the architecture: layers behind it have a row for each. */
function countedWords({ buffers: { states } }: Pick<RunInputs, 'buffers'>): string[] {
  const names = states.filter(({ kind }) => kind === 'vocabulary').flatMap(({ stored }) => stored);
  if (names.length === 0) return [];
  return [`${names.join(', ')}: the words are those of the retained records, the number of places is that of the original model, and a place that no word is left for holds a number from −16777216 up. So the number of different words among all original records can be seen, unless the model was made for a fixed number; noise does not cover it. Whether that is acceptable is for the signer to say.`];
}

/** The state of such a layer is in no file, but it is in the memory of whoever predicts. */
function goingOn({ model: { stateful = [] } }: Pick<RunInputs, 'model'>): string[] {
  if (stateful.length === 0) return [];
  return [`${stateful.length === 1 ? `${stateful[0] ?? ''} goes on in each batch where the one before stopped.` : `${stateful.join(', ')} go on in each batch where the one before stopped.`} Here every record began without that memory, in training and in what was measured; a program that predicts with the model keeps it until it resets the states, and what it keeps was computed from the records it was given.`];
}

/** What is done to the result of a run without looking at the data takes nothing from its guarantee. */
function rounded({ model: { roundedTo = [] } }: Pick<RunInputs, 'model'>): string[] {
  if (roundedTo.length === 0) return [];
  return [`The file keeps numbers as ${roundedTo.join(', ')}: they were trained and noised in float32 and rounded to the nearest, ties to even, when written. Metrics were measured before that rounding.`];
}

/** Somebody chose these numbers, and may have chosen them by the data: a bias often begins at the logarithm of how frequent a class is. */
function keptByHand({ model: { chosenConstants = [] } }: Pick<RunInputs, 'model'>): string | undefined {
  if (chosenConstants.length === 0) return undefined;
  return `Names, layer settings, descriptions and dates in the model's files were kept as they are, and noise does not cover them. Among them are initial values of somebody's choice (${chosenConstants.slice(0, 20).join('; ')}${chosenConstants.length > 20 ? '; …' : ''}): that they were not computed from the forgotten records is the word of the signer.`;
}

/** An ONNX file does not say what was trained. Single numbers that look like parts of a formula, and all text, stay as they are: that they hold nothing of the data is the signer's word. */
function keptByOnnx({ model: { format, graph } }: Pick<RunInputs, 'model'>): string | undefined {
  if (!format.includes('ONNX')) return undefined;
  const constants = [...graph.tensors.values()].filter(({ role, dataType }) => role === 'constant' && dataType.startsWith('float')).length;
  return `An ONNX file does not say what was trained. ${constants === 1 ? 'One floating-point constant' : `${constants} floating-point constants`} of its formulas, its names and its descriptions were taken for parts of the architecture and kept as they are; noise does not cover them.`;
}
