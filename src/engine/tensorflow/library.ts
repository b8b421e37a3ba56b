/**
 * TensorFlow.js with its WebAssembly backend, to be loaded where it is needed. Both packages are CommonJS: imported at run time by themselves they
 * would be a default export in the bundle and named exports outside of it.
 */
export * as tf from '@tensorflow/tfjs';
export { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
