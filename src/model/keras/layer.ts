import type { z } from 'zod';
import { UserError } from '../../error';
import type { NamedTensor, Role } from '../../graph/graph';
import type { StateCollector } from '../model';
import { isValue, type Call } from './call';
import type { Emitter } from './emitter';
import { refusedLayers } from './refused-layers';
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
  /** The text that a layer keeps in a file of its own, and the name of that file: the vocabulary of a lookup. */
  text?(layers: readonly string[], attributes: string): StoredText | undefined;
}

export interface StoredText {
  readonly name: string;
  readonly text: string;
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

/** One call of one layer. */
export interface CalledLayer {
  /** The layer's name, preceded by the names of the models that it is nested in. */
  readonly path: readonly string[];
  readonly className: string;
  readonly config: unknown;
  /** Its arguments, with a `Value` for each tensor. */
  readonly call: Call;
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
  readonly #call: Call;
  readonly #layers: readonly string[];
  readonly #weights: WeightSource;
  /** Of the layer itself, or of the layer that wraps it. */
  readonly #whole: Pick<LayerPart, 'attributes' | 'name'>;
  readonly #positions: Map<string, number>;
  #part: Pick<LayerPart, 'attributes' | 'name'>;

  constructor(emitter: Emitter, layer: CalledLayer, weights: WeightSource, file: string, within: { readonly part: Pick<LayerPart, 'attributes' | 'name'>; readonly positions: Map<string, number> } = { part: { attributes: '', name: undefined }, positions: new Map() }) {
    this.emitter = emitter;
    this.name = layer.path.join('/');
    this.className = layer.className;
    this.file = file;
    this.generation = weights.generation;
    this.#config = layer.config;
    this.#call = layer.call;
    this.#layers = layer.path;
    this.#weights = weights;
    this.#whole = within.part;
    this.#part = within.part;
    this.#positions = within.positions;
  }

  /** An argument of the call, by its name or by its place; undefined where it is left out. */
  argument(name: string, position: number): unknown {
    return this.#call.named[name] ?? this.#call.positional[position] ?? undefined;
  }

  /** The same for a tensor. */
  tensorArgument(name: string, position: number): Value | undefined {
    const argument = this.argument(name, position);
    return isValue(argument) ? argument : undefined;
  }

  /** Whether a call sets a flag. */
  flag(name: string): boolean {
    return this.#call.named[name] === true;
  }

  /** The layer's configuration, checked; what the schema does not name is ignored. */
  config<Schema extends z.ZodType>(schema: Schema): z.output<Schema> {
    const parsed = schema.safeParse(this.#config);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new UserError('model-config-invalid', `layer \`${this.name}\` (${this.className}) has a configuration that Keras does not write: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, { file: this.file, remedy: 'Save the model again with a current Keras: model.save(…).' });
  }

  /**
   * The next weight of the layer, in the order in which Keras creates them.
   * @param shape −1 stands for any length
   */
  weight(name: string, shape: readonly number[], role: Role = 'parameter'): string {
    const found = this.#next(name, shape);
    const tensor: NamedTensor = { name: found.name, dataType: 'float32', shape: found.shape, role, values: found.values };
    return this.emitter.tensor(tensor);
  }

  /** The next weight of the layer, which is not taken yet; undefined where the file has none. */
  nextWeight(name: string): StoredTensor | undefined {
    const position = this.#positions.get(this.#part.attributes) ?? 0;
    const all = [...this.#positions.values()].reduce((sum, count) => sum + count, 0);
    return this.#weights.find(this.#layers, name, all, { ...this.#part, position });
  }

  #next(name: string, shape: readonly number[]): StoredTensor {
    const found = this.nextWeight(name);
    this.#positions.set(this.#part.attributes, (this.#positions.get(this.#part.attributes) ?? 0) + 1);
    if (found === undefined) {
      throw new UserError('weights-missing', `layer \`${this.name}\` (${this.className}) needs the weight \`${name}\`, and the file has none.`, { file: this.file, remedy: 'Save the model again with its weights.' });
    }
    if (found.shape.length !== shape.length || found.shape.some((dimension, axis) => shape[axis] !== -1 && dimension !== shape[axis])) {
      throw new UserError('weights-misshapen', `the weight \`${found.name}\` has shape (${found.shape.join(', ')}), and layer \`${this.name}\` (${this.className}) needs (${shape.map((size) => (size === -1 ? 'any' : size)).join(', ')}).`, { file: this.file, remedy: 'Save the model and its weights together, in one file.' });
    }
    return found;
  }

  /**
   * Numbers that the layer's configuration states, which may have been taken from training data: a buffer that the file keeps as it is.
   * @param setting the name of the setting
   */
  configured(setting: string, numbers: readonly number[]): string {
    return this.emitter.tensor({ name: `${this.name}/${setting}`, dataType: 'float32', shape: [numbers.length], role: 'buffer', values: Float32Array.from(numbers), isFixed: true });
  }

  /** The same for numbers that `adapt` took from the layer's input. Where the configuration can be written they can be taken anew. */
  adaptedSetting(setting: string, numbers: readonly number[], input: string, collect: (name: string) => StateCollector): string {
    const { findings } = this.emitter;
    if (!findings.writesConfiguration || typeof this.#config !== 'object' || this.#config === null) return this.configured(setting, numbers);
    const name = this.emitter.tensor({ name: `${this.name}/${setting}`, dataType: 'float32', shape: [numbers.length], role: 'buffer', values: Float32Array.from(numbers) });
    findings.settings.set(name, { holder: this.#config, key: setting });
    findings.adapt({ kind: 'bins', stored: [name], input, collect: () => collect(name) });
    return name;
  }

  /** The text that the layer keeps in a file of its own. */
  text(): StoredText | undefined {
    return this.#weights.text?.(this.#layers, this.#part.attributes);
  }

  /** A weight that holds the same numbers as another, in a dataset of its own: the file of a layer that wraps another may have both. */
  copyOf(original: string, name: string, shape: readonly number[]): void {
    const found = this.#next(name, shape);
    if (found.name === original) return;
    const values = this.emitter.builder.tensors.get(original)?.values;
    if (values === undefined || found.values.some((value, at) => value !== values[at])) {
      throw new UserError('weights-differ', `the weights \`${found.name}\` and \`${original}\` are one in the layer \`${this.name}\` (${this.className}), and differ in the file.`, { file: this.file, remedy: 'Save the model again with Keras.' });
    }
    this.emitter.findings.copies.set(found.name, original);
  }

  /** A weight that predictions do not need, and that training left: the released model has the same number everywhere in it. */
  discarded(name: string, shape: readonly number[], value: number): void {
    this.emitter.findings.resets.set(this.#next(name, shape).name, value);
  }

  /** The layer goes on in each batch where it stopped in the one before. Files do not have its state: here every record begins at zero. */
  stateful(): void {
    this.emitter.findings.stateful.add(this.name);
  }

  /** The weights from here on belong to a part of this layer; to the layer itself if its attributes are empty. */
  enter(attributes: string, name?: string): void {
    const whole = this.#whole.attributes;
    this.#part = { attributes: [whole, attributes].filter((part) => part !== '').join('/'), name };
  }

  /** A layer that this one wraps: its weights are those of the part that was entered last. */
  wrapped(className: string, config: unknown): LayerContext {
    const layer = { path: this.#layers, className, config, call: { positional: this.#call.positional, named: {} } };
    return new LayerContext(this.emitter, layer, this.#weights, this.file, { part: this.#part, positions: this.#positions });
  }

  /** For what this program does not do: `layer \`lstm_1\` (LSTM) is not supported yet`, or why it never will be. */
  refusal(why = ''): UserError {
    const reason = why === '' && Object.hasOwn(refusedLayers, this.className) ? refusedLayers[this.className] : undefined;
    if (reason !== undefined) return new UserError('layer-unsupported', `layer \`${this.name}\` (${this.className}) is not supported: ${reason}.`, { file: this.file, remedy: 'Replace the layer by others that are read (docs/models.md lists them), or export the model to ONNX and name that.' });
    return new UserError('layer-unsupported', `layer \`${this.name}\` (${this.className})${why === '' ? '' : ` with ${why}`} is not supported yet.`, { file: this.file, remedy: 'Replace the layer by others that are read (docs/models.md lists them), or export the model to ONNX and name that.' });
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
      throw new UserError('model-config-invalid', `layer \`${this.name}\` (${this.className}) takes one input and is given ${inputs.length}.`, { file: this.file, remedy: 'Save the model again with Keras: model.save(…).' });
    }
    return input;
  }
}

/** One Keras layer as ONNX operators: the tensors among its arguments in, its output out, or several. */
export type Layer = (context: LayerContext, inputs: readonly Value[]) => Value | readonly Value[];

export function outputsOf(made: Value | readonly Value[]): readonly Value[] {
  return 'name' in made ? [made] : made;
}
