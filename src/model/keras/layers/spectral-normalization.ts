import { z } from 'zod';
import type { Layer } from '../layer';

const config = z.object({ layer: z.object({ class_name: z.string(), config: z.looseObject({ name: z.string().optional() }) }) });

/**
 * T. Miyato et al., 2018. In training the kernel of the wrapped layer is divided by its largest singular value; predictions take it as it is stored, and so do steps here.
 * The vector beside it is where the search for that value goes on: it was made from every kernel of the training before. A released model has a vector without direction there.
 * @param layers all layers by class, one of which is wrapped
 */
export function spectralNormalization(layers: Readonly<Record<string, Layer>>): Layer {
  return (context, inputs) => {
    const { layer: { class_name: className, config: own } } = context.config(config);
    const build = Object.hasOwn(layers, className) ? layers[className] : undefined;
    if (build === undefined) throw context.refusal(`the layer ${className} in it`);
    context.enter('layer', own.name);
    const kernel = context.nextWeight(className === 'Embedding' ? 'embeddings' : 'kernel');
    const output = build(context.wrapped(className, own), inputs);
    context.enter('');
    // A file that numbers its weights has the kernel once more.
    if (kernel !== undefined) context.copyOf(kernel.name, 'kernel', kernel.shape);
    const length = kernel?.shape.at(-1) ?? 1;
    context.discarded('vector_u', [1, length], 1 / Math.sqrt(length));
    return output;
  };
}
