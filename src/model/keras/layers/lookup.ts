import { z } from 'zod';
import type { Layer, LayerContext } from '../layer';
import { largestWord, WordCount } from '../vocabulary';
import { encoded, lifted, outputMode } from './preprocessing';

const lookupConfig = z.object({
  vocabulary: z.array(z.number().int()).min(1).nullish(), num_oov_indices: z.number().int().nonnegative().default(1), mask_token: z.number().int().nullish(), oov_token: z.number().int().nullish(), invert: z.boolean().default(false),
  output_mode: z.string().default('int'), pad_to_max_tokens: z.boolean().default(false), max_tokens: z.number().int().positive().nullish(), oov_method: z.string().default('floormod'), salt: z.unknown().optional(),
});

/**
 * The place of a whole number in a vocabulary. In front of the words are a place for what stands for none, if there is such a number, and one or several for numbers that are no words,
 * which share those by their remainder.
 */
export const integerLookup: Layer = (context, inputs) => {
  const config = context.config(lookupConfig);
  const mode = outputMode.safeParse(config.output_mode);
  const others = config.num_oov_indices;
  if (!mode.success) throw context.refusal(`the output mode ${config.output_mode}`);
  if (config.invert) throw context.refusal('invert');
  if (others === 0) throw context.refusal('no place for unknown numbers');
  if (others > 1 && (config.oov_method !== 'floormod' || (config.salt ?? undefined) !== undefined)) throw context.refusal('a hash of unknown numbers');
  const mask = config.mask_token ?? undefined;
  // Where places become vectors, what stands for none is left out of them.
  const front = (mask !== undefined && mode.data === 'int' ? 1 : 0) + others;
  const input = context.single(inputs);
  const { builder } = context.emitter;
  const x = context.emit('Cast', [context.emit('Cast', [context.emitter.asShaped(context.name, input)], { to: 7 })], { to: 1 });
  const { name: table, count } = vocabularyIn(context, config, front, x);
  const found = context.emit('Cast', [context.emit('Equal', [lifted(context, { ...input, name: x }), table])], { to: 1 });
  const along = builder.integers([-1]);
  const places = context.emit('ReduceSum', [context.emit('Mul', [found, builder.constant(Float32Array.from({ length: count }, (_, at) => at + front), [count])]), along], { keepdims: 0 });
  const unknown = context.emit('Sub', [builder.scalar(1), context.emit('ReduceSum', [found, along], { keepdims: 0 })]);
  const remainder = others === 1 ? undefined : context.emit('Sub', [x, context.emit('Mul', [context.emit('Floor', [context.emit('Div', [x, builder.scalar(others)])]), builder.scalar(others)])]);
  const first = front - others;
  const elsewhere = remainder === undefined ? builder.scalar(first) : context.emit('Add', [remainder, builder.scalar(first)]);
  const placed = context.emit('Add', [places, context.emit('Mul', [unknown, elsewhere])]);
  const name = mask === undefined ? placed : masked(context, x, placed, mask, mode.data === 'int' ? 0 : -1);
  const depth = config.pad_to_max_tokens ? config.max_tokens ?? count + front : count + front;
  return encoded(context, { name, shape: input.shape, channelsMovedFirst: false }, depth, mode.data);
};

/** Another place where the input is the number that stands for none. */
function masked(context: LayerContext, x: string, placed: string, mask: number, place: number): string {
  const { builder } = context.emitter;
  const none = context.emit('Cast', [context.emit('Equal', [x, builder.scalar(mask)])], { to: 1 });
  const kept = context.emit('Mul', [placed, context.emit('Sub', [builder.scalar(1), none])]);
  return place === 0 ? kept : context.emit('Add', [kept, context.emit('Mul', [none, builder.scalar(place)])]);
}

/** Stated in the configuration, or taken from data: then it is text in a file of its own, behind what stands in front of the words. */
function vocabularyIn(context: LayerContext, { vocabulary, mask_token, oov_token, num_oov_indices }: z.output<typeof lookupConfig>, front: number, input: string): { readonly name: string; readonly count: number } {
  const { findings } = context.emitter;
  // A list that is stated may begin with what stands in front of the words.
  const first = front > num_oov_indices ? mask_token : oov_token;
  const asset = (vocabulary ?? undefined) === undefined ? context.text() : undefined;
  const lines = asset?.text.replace(/\n+$/, '').split('\n') ?? [];
  const words = vocabulary?.slice(vocabulary.length > front && vocabulary[0] === first ? front : 0) ?? lines.slice(front).map(Number);
  if (words.length === 0 || words.some((word) => !Number.isInteger(word))) throw context.refusal('a vocabulary that is not in its file');
  // Numbers are given as float32, which holds whole numbers up to 2^24.
  if (words.some((word) => Math.abs(word) > largestWord)) throw context.refusal('a vocabulary of numbers beyond 2^24');
  if (asset === undefined) return { name: context.configured('vocabulary', words), count: words.length };
  const name = context.emitter.tensor({ name: asset.name, dataType: 'float32', shape: [words.length], role: 'buffer', values: Float32Array.from(words) });
  findings.texts.set(name, (numbers) => [...lines.slice(0, front), ...numbers].join('\n'));
  const special = [mask_token, oov_token].filter((token) => typeof token === 'number');
  findings.adapt({ kind: 'vocabulary', stored: [name], input, collect: () => {
    const count = new WordCount();
    return { add: (values) => count.add(values), results: () => new Map([[name, count.commonest(words.length, special)]]) };
  } });
  return { name, count: words.length };
}
