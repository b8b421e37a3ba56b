const code = 'it runs Python code, which is never executed here';
const strings = 'it reads text, and models are given numbers here';
const quantised = 'its weights are rounded, and noise of a certified size cannot be added to those';
const otherRuntime = 'it holds a model of another framework';
const hash = 'its hash is part of TensorFlow and not of the model';
const spectrum = 'it needs a Fourier transform, which has no gradient here';
const windows = 'its windows are not all of one size';
const images = 'it changes images; do that where the data are made';

/** Layers of Keras that are refused, and why; any other that is not known is refused by its name alone. */
export const refusedLayers: Readonly<Record<string, string>> = {
  AdaptiveAveragePooling1D: windows,
  AdaptiveAveragePooling2D: windows,
  AdaptiveAveragePooling3D: windows,
  AdaptiveMaxPooling1D: windows,
  AdaptiveMaxPooling2D: windows,
  AdaptiveMaxPooling3D: windows,
  AugMix: images,
  AutoContrast: images,
  ContrastLimitedAdaptiveHistogramEqualization: images,
  ConvLSTM1D: 'recurrent convolutions are not unrolled here',
  ConvLSTM2D: 'recurrent convolutions are not unrolled here',
  ConvLSTM3D: 'recurrent convolutions are not unrolled here',
  CuDNNGRU: 'it was made for old graphics processors; load and save the model with a current Keras',
  CuDNNLSTM: 'it was made for old graphics processors; load and save the model with a current Keras',
  CutMix: images,
  Equalization: images,
  FlaxLayer: otherRuntime,
  HashedCrossing: hash,
  Hashing: hash,
  JaxLayer: otherRuntime,
  Lambda: code,
  LocallyConnected1D: 'its kernels differ from place to place, and no engine here has such a convolution',
  LocallyConnected2D: 'its kernels differ from place to place, and no engine here has such a convolution',
  MaxNumBoundingBoxes: 'it works on boxes and not on numbers of one shape',
  MelSpectrogram: spectrum,
  MixUp: images,
  Pipeline: images,
  QuantizeWrapper: quantised,
  QuantizeWrapperV2: quantised,
  RandAugment: images,
  RandomCrop: images,
  ReversibleEmbedding: 'its table serves for reading and for writing, and the second is not read',
  STFTSpectrogram: spectrum,
  SlicingOpLambda: 'parts of tensors that a model takes between its layers are not read',
  Solarization: images,
  SpectralNormalization: 'its file holds the kernel twice, and a vector besides that was computed from it',
  StackedRNNCells: 'cells on top of one another are not unrolled; stack recurrent layers instead',
  StringLookup: strings,
  TFSMLayer: otherRuntime,
  TextVectorization: strings,
  TorchModuleWrapper: otherRuntime,
};
