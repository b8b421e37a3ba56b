import type { Layer } from '../layer';
import { tensorFlowFunction } from '../operations';
import { activation, elu, leakyRelu, prelu, relu, softmax, thresholdedRelu } from './activation';
import { additiveAttention, attention } from './attention';
import { convolution, depthwiseConvolution, separableConvolution, transposedConvolution } from './convolution';
import { convolutionalLstm } from './convolutional-recurrent';
import { dense } from './dense';
import { einsumDense } from './einsum-dense';
import { embedding, masking } from './embedding';
import { locallyConnected } from './locally-connected';
import { integerLookup } from './lookup';
import { add, average, concatenate, dot, maximum, minimum, multiply, subtract } from './merge';
import { groupedQueryAttention, multiHeadAttention } from './multi-head-attention';
import { batchNormalization, groupNormalization, layerNormalization, normalization, rescaling, rmsNormalization, unitNormalization } from './normalization';
import { adaptivePooling, globalPooling, pooling } from './pooling';
import { categoryEncoding, discretization } from './preprocessing';
import { anyRecurrent, bidirectional, recurrent } from './recurrent';
import { centerCrop, randomCrop, resizing, upSampling } from './resampling';
import { cropping, flatten, identity, permute, repeatVector, reshape, zeroPadding } from './shape';
import { spectralNormalization } from './spectral-normalization';
import { timeDistributed } from './time-distributed';

const plain: Readonly<Record<string, Layer>> = {
  Activation: activation,
  ActivityRegularization: identity,
  AdaptiveAveragePooling1D: adaptivePooling('ReduceMean', 1),
  AdaptiveAveragePooling2D: adaptivePooling('ReduceMean', 2),
  AdaptiveAveragePooling3D: adaptivePooling('ReduceMean', 3),
  AdaptiveMaxPooling1D: adaptivePooling('ReduceMax', 1),
  AdaptiveMaxPooling2D: adaptivePooling('ReduceMax', 2),
  AdaptiveMaxPooling3D: adaptivePooling('ReduceMax', 3),
  Add: add,
  AdditiveAttention: additiveAttention,
  AlphaDropout: identity,
  Attention: attention,
  Average: average,
  AveragePooling1D: pooling('AveragePool', 1),
  AveragePooling2D: pooling('AveragePool', 2),
  AveragePooling3D: pooling('AveragePool', 3),
  BatchNormalization: batchNormalization,
  Bidirectional: bidirectional,
  CategoryEncoding: categoryEncoding,
  CenterCrop: centerCrop,
  Concatenate: concatenate,
  Conv1D: convolution(1),
  Conv1DTranspose: transposedConvolution(1),
  Conv2D: convolution(2),
  Conv2DTranspose: transposedConvolution(2),
  Conv3D: convolution(3),
  Conv3DTranspose: transposedConvolution(3),
  ConvLSTM1D: convolutionalLstm(1),
  ConvLSTM2D: convolutionalLstm(2),
  ConvLSTM3D: convolutionalLstm(3),
  Cropping1D: cropping(1),
  Cropping2D: cropping(2),
  Cropping3D: cropping(3),
  Dense: dense,
  DepthwiseConv1D: depthwiseConvolution(1),
  DepthwiseConv2D: depthwiseConvolution(2),
  Discretization: discretization,
  Dot: dot,
  Dropout: identity,
  ELU: elu,
  EinsumDense: einsumDense,
  Embedding: embedding,
  Flatten: flatten,
  GRU: recurrent('GRU'),
  GaussianDropout: identity,
  GaussianNoise: identity,
  GlobalAveragePooling1D: globalPooling('ReduceMean', 1),
  GlobalAveragePooling2D: globalPooling('ReduceMean', 2),
  GlobalAveragePooling3D: globalPooling('ReduceMean', 3),
  GlobalMaxPooling1D: globalPooling('ReduceMax', 1),
  GlobalMaxPooling2D: globalPooling('ReduceMax', 2),
  GlobalMaxPooling3D: globalPooling('ReduceMax', 3),
  GroupNormalization: groupNormalization,
  GroupQueryAttention: groupedQueryAttention,
  GroupedQueryAttention: groupedQueryAttention,
  Identity: identity,
  IntegerLookup: integerLookup,
  LSTM: recurrent('LSTM'),
  LayerNormalization: layerNormalization,
  LeakyReLU: leakyRelu,
  LocallyConnected1D: locallyConnected(1),
  LocallyConnected2D: locallyConnected(2),
  Masking: masking,
  MaxPooling1D: pooling('MaxPool', 1),
  MaxPooling2D: pooling('MaxPool', 2),
  MaxPooling3D: pooling('MaxPool', 3),
  Maximum: maximum,
  Minimum: minimum,
  MultiHeadAttention: multiHeadAttention,
  Multiply: multiply,
  Normalization: normalization,
  PReLU: prelu,
  Permute: permute,
  RMSNormalization: rmsNormalization,
  RNN: anyRecurrent,
  RandomCrop: randomCrop,
  ReLU: relu,
  RepeatVector: repeatVector,
  Rescaling: rescaling,
  Reshape: reshape,
  Resizing: resizing,
  SeparableConv1D: separableConvolution(1),
  SeparableConv2D: separableConvolution(2),
  SimpleRNN: recurrent('SimpleRNN'),
  Softmax: softmax,
  SpatialDropout1D: identity,
  SpatialDropout2D: identity,
  SpatialDropout3D: identity,
  Subtract: subtract,
  SlicingOpLambda: tensorFlowFunction,
  TFOpLambda: tensorFlowFunction,
  ThresholdedReLU: thresholdedRelu,
  UnitNormalization: unitNormalization,
  UpSampling1D: upSampling(1),
  UpSampling2D: upSampling(2),
  UpSampling3D: upSampling(3),
  ZeroPadding1D: zeroPadding(1),
  ZeroPadding2D: zeroPadding(2),
  ZeroPadding3D: zeroPadding(3),
};

/** Layers that change images at random: in training alone. */
const augmentations = ['AugMix', 'CutMix', 'MixUp', 'RandAugment', 'RandomBrightness', 'RandomColorDegeneration', 'RandomColorJitter', 'RandomContrast', 'RandomElasticTransform', 'RandomErasing', 'RandomFlip', 'RandomGaussianBlur', 'RandomGrayscale', 'RandomHeight', 'RandomHue', 'RandomInvert', 'RandomPerspective', 'RandomPosterization', 'RandomRotation', 'RandomSaturation', 'RandomSharpness', 'RandomShear', 'RandomTranslation', 'RandomWidth', 'RandomZoom', 'Solarization'];

const single: Readonly<Record<string, Layer>> = { ...plain, ...Object.fromEntries(augmentations.map((name) => [name, identity])) };

/** Every Keras layer that this program knows, by its class name. */
export const layers: Readonly<Record<string, Layer>> = { ...single, SpectralNormalization: spectralNormalization(single), TimeDistributed: timeDistributed(single) };
