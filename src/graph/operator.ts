import type { GraphBuilder } from './builder';
import type { DataType, Node } from './graph';

/** What is known of a value once the batch size is bound. */
export interface TensorType {
  readonly shape: readonly number[];
  readonly dataType: DataType;
}

/** What a rule may ask about the node it is applied to. */
export interface RuleContext {
  readonly node: Node;
  /** Type of the input at `index`; fails where the input is absent. */
  input(index: number): TensorType;
  has(index: number): boolean;
  /** Values of an integer input that does not depend on data (axes, shapes, pads); fails where they are not known. */
  integers(index: number): readonly number[];
  /** The same, or undefined where they are not known. */
  foldable(index: number): readonly number[] | undefined;
  /** Values of an input stored in the graph, whatever its type; fails where it is computed. */
  numbers(index: number): readonly number[];
  /** The single value of an input tensor stored in the graph; undefined where it is absent. */
  constant(index: number): number | undefined;
  /** Refuses the node as malformed: `shape-mismatch`. */
  mismatch(message: string): never;
  /** Refuses the node as beyond what this program does: `operator-unsupported`. */
  unsupported(message: string): never;
}

export interface GradientContext extends RuleContext {
  readonly build: GraphBuilder;
  /** Name of the input at `index`. */
  name(index: number): string;
  output(index: number): TensorType;
  /** Name of the gradient with respect to output 0. */
  readonly gradient: string;
  /** Names of the gradients with respect to all outputs; undefined where the loss does not depend on one. */
  readonly gradients: readonly (string | undefined)[];
  /** Whether anything waits for the gradient of the input at `index`. */
  wanted(index: number): boolean;
}

/**
 * All that the graph knows of one ONNX operator.
 * A composite is expanded into other operators when a graph is bound, and needs no rules of its own.
 */
export interface PrimitiveOperator {
  /** Types of the outputs. */
  readonly types: (context: RuleContext) => readonly TensorType[];
  /** Names of the gradients with respect to the inputs; absent where the operator has none (integers, comparisons). */
  readonly gradient?: (context: GradientContext) => readonly (string | undefined)[];
  /** Value of the first output as integers, where it follows from shapes and constants alone. */
  readonly fold?: (context: RuleContext) => readonly number[] | undefined;
}

export interface CompositeOperator {
  /** Writes the operator with others; the last node of each output must carry the name given in `context.node.outputs`. */
  readonly expand: (context: RuleContext, build: GraphBuilder) => void;
}

export type OperatorRule = PrimitiveOperator | CompositeOperator;
export type OperatorFamily = Readonly<Record<string, OperatorRule>>;
