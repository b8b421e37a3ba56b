import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { UserError } from '../error';
import { noteInput } from '../input-files';
import { requireRequest } from './parse-request';
import type { Request } from './schema';

/** A valid request together with where it lies and the absolute paths that follow from it. */
export interface LoadedRequest {
  readonly request: Request;
  /** Absolute path of the request file. */
  readonly file: string;
  /** Its text, byte for byte: what the certificate commits to. */
  readonly text: string;
  /** The folder that the request's paths are relative to. */
  readonly folder: string;
  readonly modelPath: string;
  /** The unlearned model's main file. */
  readonly outputPath: string;
  readonly certificatePath: string;
}

/** Far above any request written by people or tools; a list of more ids belongs in a file of its own. */
const MAXIMUM_BYTES = 16 * 1024 * 1024;

/** Reads and checks a request file. Throws `UserError` (request-missing, request-too-large, request-syntax, request-field). */
export async function loadRequest(path: string): Promise<LoadedRequest> {
  const file = resolve(path);
  const status = await stat(file, { bigint: true }).catch(() => undefined);
  if (status?.isFile() !== true) {
    throw new UserError('request-missing', 'there is no such request file', { file: path, remedy: 'Give the path of a NAME.unlearn.json file.' });
  }
  noteInput(file, status, true);
  const { size } = status;
  if (size > MAXIMUM_BYTES) {
    throw new UserError('request-too-large', `the request has ${size} bytes; at most ${MAXIMUM_BYTES} are read`, { file: path, remedy: 'Put long lists of ids into a file and name it in forget.ids.file.' });
  }
  const text = await readFile(file, 'utf8');
  const request = requireRequest(text, basename(file));
  const folder = dirname(file);
  const modelPath = resolve(folder, request.model);
  const outputPath = request.output === undefined ? defaultOutput(modelPath) : resolve(folder, request.output);
  if (outputPath === modelPath) {
    throw new UserError('output-is-model', 'the output would overwrite the original model', { file: basename(file), field: 'output', remedy: 'Choose another path; the original is never changed.' });
  }
  if (extname(modelPath) === '.json' && dirname(outputPath) === dirname(modelPath)) {
    throw new UserError('output-is-model', 'a model of several files needs an output folder of its own, or its other files would replace the original\'s', { file: basename(file), field: 'output', remedy: 'Write a path in another folder, such as "unlearned/model.json".' });
  }
  if (extname(modelPath) !== '' && extname(outputPath) !== extname(modelPath)) {
    throw new UserError('output-format', `the output must have the same format as the model (${extname(modelPath)})`, { file: basename(file), field: 'output', remedy: `Give the output a name that ends in ${extname(modelPath)}.` });
  }
  const certificatePath = request.certificate === undefined ? defaultCertificate(outputPath) : resolve(folder, request.certificate);
  if (extname(certificatePath).toLowerCase() !== '.json' || certificatePath === outputPath || certificatePath === modelPath || certificatePath === file) {
    throw new UserError('certificate-name', 'the certificate needs a file of its own whose name ends in .json', { file: basename(file), field: 'certificate', remedy: 'Write a name such as "model.unlearning-certificate.json", or leave it out.' });
  }
  // A certificate names its files by paths below its own folder, so that both can be moved together.
  if (relative(dirname(certificatePath), outputPath).startsWith('..') || isAbsolute(relative(dirname(certificatePath), outputPath))) {
    throw new UserError('certificate-elsewhere', 'the certificate must lie in the folder of the unlearned model, or in one above it', { file: basename(file), field: 'certificate', remedy: 'Write a path beside the output, or leave "certificate" out.' });
  }
  return { request, file, text, folder, modelPath, outputPath, certificatePath };
}

/** `mnist.h5` → `mnist.unlearned.h5`; a model of several files (`model.json`) goes, names unchanged, into a folder `unlearned`. */
function defaultOutput(modelPath: string): string {
  const extension = extname(modelPath);
  return extension === '.json'
    ? join(dirname(modelPath), 'unlearned', basename(modelPath))
    : join(dirname(modelPath), `${basename(modelPath, extension)}.unlearned${extension}`);
}

function defaultCertificate(outputPath: string): string {
  const name = basename(outputPath, extname(outputPath)).replace(/\.unlearned$/, '');
  return join(dirname(outputPath), `${name}.unlearning-certificate.json`);
}
