import type { z } from 'zod';
import { UserError } from '../../error';
import type { NamedTensor, Role } from '../../graph/graph';
import type { Emitter } from './emitter';
import type { Value } from './value';

/** Where the weights of a layer are found; each file format has its own way. */
export interface WeightSource {
  /** The major version of Keras that wrote the model: a few layers changed their meaning with version 3. */
  readonly generation: number;
  /** The names of all stored tensors. */
  readonly names: readonly string[];
  /**
   * The stored tensor of a layer, or undefined where the file has none.
   * @param layers the layer's name, preceded by the names of the models that it is nested in
   * @param name Keras's name of the weight in that layer: `kernel`
   * @param position the place of the weight among those of its layer
   * @param part the part of a composed layer that the weight belongs to
   */
  find(layers: readonly string[], name: string, position: number, part: LayerPart): StoredTensor | undefined;
}

/** A layer inside a layer, as a recurrent layer has a cell, and a bidirectional one two recurrent layers. */
export interface LayerPart {
  /** Attributes from the layer to the part, as Keras 3 writes them: `forward_layer/cell`. Empty for the layer itself. */
  readonly attributes: string;
  /** The part's own name, as older versions write it: `forward_lstm`. */
  readonly name: string | undefined;
  /** The place of the weight among those of the part. */
  readonly position: number;
}

export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a layer needs to turn its configuration into ONNX operators. */
export class LayerContext {
  readonly emitter: Emitter;
  /** The layer's name, with the models that it is nested in: `encoder/conv2d_1`. */
  readonly name: string;
  readonly className: string;
  readonly file: string;
  readonly generation: number;
  readonly #config: unknown;
  readonly #layers: readonly string[];
  readonly #weights: WeightSource;
  readonly #positions = new Map<string, number>();
  #position = 0;
  #part: Pick<LayerPart, 'attributes' | 'name'> = { attributes: '', name: undefined };

  constructor(emitter: Emitter, layer: { readonly path: readonly string[]; readonly className: string; readonly config: unknown }, weights: WeightSource, file: string) {
    this.emitter = emitter;
    this.name = layer.path.join('/');
    this.className = layer.className;
    this.file = file;
    this.generation = weights.generation;
    this.#config = layer.config;
    this.#layers = layer.path;
    this.#weights = weights;
  }

  /** The layer's configuration, checked; what the schema does not name is ignored. */
  config<Schema extends z.ZodType>(schema: Schema): z.output<Schema> {
    const parsed = schema.safeParse(this.#config);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new UserError('model-config-invalid', `layer \`${this.name}\` (${this.className}) has a configuration that Keras does not write: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, { file: this.file });
  }

  /** The next weight of the layer, in the order in which Keras creates them. */
  weight(name: string, shape: readonly number[], role: Role = 'parameter'): string {
    const position = this.#positions.get(this.#part.attributes) ?? 0;
    const found = this.#weights.find(this.#layers, name, this.#position, { ...this.#part, position });
    this.#position += 1;
    this.#positions.set(this.#part.attributes, position + 1);
    if (found === undefined) {
      throw new UserError('weights-missing', `layer \`${this.name}\` (${this.className}) needs the weight \`${name}\`, and the file has none.`, { file: this.file, remedy: 'Save the model again with its weights.' });
    }
    if (found.shape.length !== shape.length || found.shape.some((dimension, axis) => dimension !== shape[axis])) {
      throw new UserError('weights-misshapen', `the weight \`${found.name}\` has shape (${found.shape.join(', ')}), and layer \`${this.name}\` (${this.className}) needs (${shape.join(', ')}).`, { file: this.file });
    }
    const tensor: NamedTensor = { name: found.name, dataType: 'float32', shape: found.shape, role, values: found.values };
    return this.emitter.tensor(tensor);
  }

  /** The weights from here on belong to a part of this layer. */
  enter(attributes: string, name?: string): void {
    this.#part = { attributes, name };
  }

  /** The same layer with the configuration of the layer that it wraps. */
  wrapped(className: string, config: unknown): LayerContext {
    const inner = new LayerContext(this.emitter, { path: this.#layers, className, config }, this.#weights, this.file);
    inner.#part = this.#part;
    return inner;
  }

  /** For what this program does not do: `layer \`lstm_1\` (LSTM) is not supported yet`. */
  refusal(why = ''): UserError {
    return new UserError('layer-unsupported', `layer \`${this.name}\` (${this.className})${why === '' ? '' : ` with ${why}`} is not supported yet.`, { file: this.file });
  }

  emit(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, number | string | readonly number[]>> = {}): string {
    return this.emitter.emit(this.name, operator, inputs, attributes);
  }

  /** Applies an operator that works on each element by itself, whatever the layout. */
  elementwise(operator: string, value: Value, attributes: Readonly<Record<string, number>> = {}): Value {
    return { ...value, name: this.emit(operator, [value.name], attributes) };
  }

  /** A layer with one input gets it; anything else is not what Keras writes. */
  single(inputs: readonly Value[]): Value {
    const [input, ...others] = inputs;
    if (input === undefined || others.length > 0) {
      throw new UserError('model-config-invalid', `layer \`${this.name}\` (${this.className}) takes one input and is given ${inputs.length}.`, { file: this.file });
    }
    return input;
  }
}

/** One Keras layer as ONNX operators: its inputs in, its output out. */
export type Layer = (context: LayerContext, inputs: readonly Value[]) => Value;
