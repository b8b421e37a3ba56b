const code = 'it runs Python code, which is never executed here';
const strings = 'it reads text, and models are given numbers here';
const quantised = 'its weights are rounded, and noise of a certified size cannot be added to those';
const otherRuntime = 'it holds a model of another framework';
const hash = 'its hash is part of TensorFlow and not of the model';
const spectrum = 'it needs a Fourier transform, which has no gradient here';
const images = 'it changes images; do that where the data are made';

/** Layers of Keras that are refused, and why; any other that is not known is refused by its name alone. */
export const refusedLayers: Readonly<Record<string, string>> = {
  AutoContrast: images,
  ContrastLimitedAdaptiveHistogramEqualization: images,
  CuDNNGRU: 'it was made for old graphics processors; load and save the model with a current Keras',
  CuDNNLSTM: 'it was made for old graphics processors; load and save the model with a current Keras',
  Equalization: images,
  FlaxLayer: otherRuntime,
  HashedCrossing: hash,
  Hashing: hash,
  JaxLayer: otherRuntime,
  Lambda: code,
  MaxNumBoundingBoxes: 'it works on boxes and not on numbers of one shape',
  MelSpectrogram: spectrum,
  Pipeline: images,
  QuantizeWrapper: quantised,
  QuantizeWrapperV2: quantised,
  ReversibleEmbedding: 'its table serves for reading and for writing, and the second is not read',
  STFTSpectrogram: spectrum,
  StringLookup: strings,
  TFSMLayer: otherRuntime,
  TextVectorization: strings,
  TorchModuleWrapper: otherRuntime,
};
