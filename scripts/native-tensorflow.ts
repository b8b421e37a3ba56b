// Builds the native TensorFlow engine where tfjs-node's own prebuilt library cannot be fetched: `npm run native:tensorflow [-- FOLDER]`.
// Linux on x64; needs python3 with pip, and g++. About 1.1 GB in FOLDER, .cache/native-tensorflow unless given.
import { resolve } from 'node:path';
import { openEngine } from '../src/engine/engines';
import { describe, UserError } from '../src/error';
import { installTensorFlow } from '../src/run/tensorflow-install/install';

const folder = resolve(process.argv[2] ?? '.cache/native-tensorflow');
const abort = new AbortController();
process.once('SIGINT', () => abort.abort());
installTensorFlow({
  folder,
  from: 'wheel',
  signal: abort.signal,
  onStep: (step) => console.log(step),
  onLine: (line) => console.log(`  ${line}`),
  check: (module) => openEngine('tensorflow', { tensorflow: { backend: 'native', nativeFolder: module } }),
}).then(
  () => console.log(`TFJS_NODE=${resolve(folder, 'node_modules/@tensorflow/tfjs-node')}`),
  (error: unknown) => {
    console.error(error instanceof UserError ? describe(error) : error);
    process.exitCode = 1;
  },
);
