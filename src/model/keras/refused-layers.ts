const code = 'it runs Python code, which is never executed here';
const strings = 'it reads text, and models are given numbers here';
const otherRuntime = 'it holds a model of another framework';
const hash = 'its hash is part of TensorFlow and not of the model';
const spectrum = 'it needs a Fourier transform, which has no gradient here';

/** Layers of Keras that are refused for a reason that will not go away, and why. */
export const refusedLayers: Readonly<Record<string, string>> = {
  CuDNNGRU: 'it was made for old graphics processors; load and save the model with a current Keras',
  CuDNNLSTM: 'it was made for old graphics processors; load and save the model with a current Keras',
  FlaxLayer: otherRuntime,
  HashedCrossing: hash,
  Hashing: hash,
  JaxLayer: otherRuntime,
  Lambda: code,
  MelSpectrogram: spectrum,
  NnxLayer: otherRuntime,
  Pipeline: 'it changes data before they reach the model; do that where the data are made',
  QuantizeWrapper: 'its weights are rounded, and noise of a certified size cannot be added to those',
  QuantizeWrapperV2: 'its weights are rounded, and noise of a certified size cannot be added to those',
  STFTSpectrogram: spectrum,
  StringLookup: strings,
  TFSMLayer: otherRuntime,
  TextVectorization: strings,
  TorchModuleWrapper: otherRuntime,
};
