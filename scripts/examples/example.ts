import { join } from 'node:path';
import { root } from '../root';

/** A public data set, a model trained on it, and a request to forget some of its records. */
export interface Example {
  readonly name: string;
  /** What is forgotten, in a few words. */
  readonly title: string;
  /** Fetches the data and makes the model and the request. */
  prepare(): Promise<void>;
  /** The request file. */
  readonly request: string;
  /** Where its certificate will be. */
  readonly certificate: string;
  /** Whose receipt: options of the command line. */
  readonly whose: readonly string[];
}

export const examplesFolder = join(root, 'out', 'examples');
