import type * as tfjs from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import type { RuleContext } from '../../graph/operator';

export type TensorFlow = typeof tfjs;

/** What a kernel works with. Gradients are TensorFlow's own: kernels must be built from operators that it differentiates. */
export interface KernelContext {
  readonly tf: TensorFlow;
  readonly rule: RuleContext;
  /** The input at `index`; fails where it is absent. */
  readonly tensor: (index: number) => Tensor;
  /** All inputs in order, absent ones left out. */
  readonly tensors: readonly Tensor[];
  /** Shape of the first output. */
  readonly outputShape: number[];
}

/** The outputs of one node. */
export type Kernel = (context: KernelContext) => Tensor | readonly Tensor[];
export type KernelFamily = Readonly<Record<string, Kernel>>;
