import type { Assumption, Coverage } from '../certificate/statement';
import { treatmentBy } from '../certificate/treatment';
import { UserError } from '../error';
import { isBatchCounter, withCountersErased, type Checkpoint } from '../model/checkpoint/checkpoint';
import { openCheckpoint } from '../model/checkpoint/open-checkpoint';
import { bytesOf } from '../model/floats';
import type { PlanFacts } from '../plan/plan';
import type { LoadedRequest } from '../request/load-request';
import type { CertifiedTensors } from './certified-tensors';
import { openData, type RunData } from './open-data';
import type { GradientFree } from './perturb-checkpoint';

/** A request whose model is a file of tensors without an architecture: it can be clipped and noised, not trained. */
export interface CheckpointInputs {
  readonly loaded: LoadedRequest;
  readonly checkpoint: Checkpoint;
  readonly data: RunData;
  readonly facts: PlanFacts;
}

/**
 * The checkpoint that a request names, where its method needs no gradients; undefined where the model is opened with its architecture instead.
 * Counters of batches are among what is to be overwritten with zeros.
 */
export async function checkpointOf(loaded: LoadedRequest): Promise<Checkpoint | undefined> {
  const { method } = loaded.request;
  if (method.name !== 'output-perturbation' && method.name !== 'gaussian-restart') return undefined;
  let checkpoint: Checkpoint;
  try {
    checkpoint = await openCheckpoint(loaded.modelPath);
  } catch (error) {
    if (error instanceof UserError && error.code === 'model-format-unknown') return undefined;
    throw error;
  }
  requireHeeded(loaded.request);
  const resettable = { ...checkpoint, files: checkpoint.files.map(withCountersErased) };
  requireCovered(resettable, loaded.request);
  return resettable;
}

/** Opens the data of a request whose model is such a checkpoint. */
export async function openCheckpointInputs(loaded: LoadedRequest, checkpoint: Checkpoint): Promise<CheckpointInputs> {
  const data = await openData(loaded, () => undefined);
  const tensors = checkpoint.tensors.filter(({ role }) => role === 'parameter').map(({ name, shape, count }) => ({ name, count, fanIn: shape.length < 2 ? undefined : count / (shape[0] ?? 1) }));
  return { loaded, checkpoint, data, facts: { tensors, retainCount: data.retain.length } };
}

/** What a request says of a public base has no part in clipping and noising a file of tensors: it is not passed over in silence. */
function requireHeeded({ base }: LoadedRequest['request']): void {
  if (base !== undefined) {
    throw new UserError('base-unsupported', 'a checkpoint without a model around it is clipped around zero, and all of its parameters are noised, whatever base they came from', {
      field: 'base',
      remedy: 'Leave it out; or put an ONNX export beside the checkpoint and one beside its base, and choose a method with gradients.',
    });
  }
}

/** Assumption 1: numbers that are not floating-point cannot be noised. That training never touched them is for the signer to say, of each by its name. */
function requireCovered({ format, files, tensors }: Checkpoint, { model, publicBuffers = [] }: LoadedRequest['request']): void {
  const statistics = new Set(files.flatMap(({ regions }) => regions.filter(({ role }) => role === 'buffer').map(({ name }) => name)));
  const whole = tensors.filter(({ name, role }) => role === 'buffer' && !statistics.has(name) && !isBatchCounter(name));
  const kept = new Set([...files.flatMap(({ opaque }) => opaque), ...whole].map(({ name }) => name));
  const declared = new Set(publicBuffers.map(({ name }) => name));
  // A view of floating-point numbers goes the way of the storage that it shares.
  const numbers = new Set(tensors.filter(({ dataType }) => dataType in bytesOf).map(({ name }) => name));
  const unknown = [...declared].find((name) => !kept.has(name) || numbers.has(name));
  if (unknown !== undefined) {
    throw new UserError('buffer-unknown', `the checkpoint has no tensor ${unknown} that is kept as it is and could be declared public`, { field: 'publicBuffers', remedy: kept.size === 0 ? 'It needs no such declaration.' : `There is: ${[...kept].join(', ')}.` });
  }
  // Storages of PyTorch may hold more than the tensors that are views of them; in safetensors a tensor is all of its bytes.
  const uncovered = [...kept].find((name) => format !== 'safetensors' || !declared.has(name));
  if (uncovered !== undefined) {
    throw new UserError('tensor-uncovered', `the tensor "${uncovered}" cannot be noised or reset here, and it may hold what training left in it`, { file: model, remedy: 'Save the checkpoint without it; or as safetensors, and declare it under publicBuffers if it never depended on any data.' });
  }
}

/** What a certificate says of a checkpoint. */
export function certifiedCheckpoint({ loaded, checkpoint, data }: CheckpointInputs, mechanism: GradientFree): CertifiedTensors {
  const exact = mechanism.method === 'gaussian-restart';
  const declared = new Map(loaded.request.publicBuffers?.map(({ name, reason }) => [name, reason]));
  const coverage = checkpoint.tensors.map(({ name, shape, count, role }): Coverage => declared.has(name)
    ? { tensor: name, shape: [...shape], count, treatment: 'public', why: `on the word of the signer: ${declared.get(name) ?? ''}` }
    : role === 'parameter' ? { tensor: name, shape: [...shape], count, treatment: treatmentBy(mechanism), why: exact ? 'replaced by random numbers drawn without the trained ones' : 'a trained parameter: clipped and noised once with all the others' }
    : { tensor: name, shape: [...shape], count, treatment: 'reset', why: 'running statistics: as a fresh network has them' });
  const residues = checkpoint.residues.map(({ name }) => name);
  return {
    tensors: checkpoint.tensors,
    residues,
    coverage: [...coverage, ...residues.map((tensor): Coverage => ({ tensor, treatment: 'dropped', why: 'left over from training: overwritten with zeros' }))],
    assumptions: assumptions(exact, declared.size, data),
    centre: 'zero',
    limits: [
      'The released checkpoint was perturbed and not trained afterwards, so it is not expected to be useful as it is. Training it further on the retained records alone is post-processing, and the guarantee holds for the result too. This certificate\'s digests are those of the checkpoint before such training, so a model that was trained further does not match them.',
      'To attach a model that was trained further, its owner signs for it: certified-unlearning successor CERTIFICATE MODEL --training "HOW IT WAS TRAINED", where MODEL is its file, or of a sharded model the index or the folder. Who receives it checks it with: certified-unlearning verify-successor MODEL.unlearning-successor.json CERTIFICATE. That it was trained from this checkpoint on retained records alone is then the word of that signer.',
      'Numbers were rounded to the precision of the file after the noise was added.',
      'Names, descriptions and whole numbers outside tensors, such as the count of an epoch, were kept as they are; noise does not cover them.',
    ],
  };
}

function assumptions(exact: boolean, declared: number, { duplicates: { kept }, selection: { requests } }: Pick<RunData, 'duplicates' | 'selection'>): Assumption[] {
  const references = requests.length > 0;
  const texts: readonly [Assumption['status'], string][] = [
    ['stated', `${exact ? 'All parameters were replaced by random numbers' : 'All parameters were clipped as one vector and noised'}, and running statistics were reset. That the text and the whole numbers kept in the file${declared > 0 ? ', and the tensors declared public,' : ''} hold nothing of the data is the word of the signer.`],
    [kept > 0 ? 'stated' : 'enforced', `No gradient was computed: the released numbers depend on no record but through the clipped original.${kept > 0 ? ` ${kept} exact copies of forgotten records were kept among the retained ones at the request's wish.` : ''}`],
    ['enforced', 'The noise was drawn once from the operating system\'s cryptographic source; there is no key or seed to store.'],
    ['stated', 'Radius and noise follow from the request, which was read before the checkpoint was opened; that they were chosen without looking at the original or the forgotten records, and that this run was not picked out of several by its outcome, is the word of the signer.'],
    ['enforced', 'There were no noisy steps that could have had a memory.'],
    ['enforced', 'No state before the noise was written to disk. The original is unchanged until its owner deletes it.'],
    ['enforced', `This certificate holds only the request's public parameters, counts and salted commitments${references ? '; references of requests are printed as the request gives them' : ''}. The number of forgotten records is disclosed.`],
  ];
  return texts.map(([status, enforcement], index) => ({ id: index + 1, status, enforcement }));
}
