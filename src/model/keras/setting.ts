import { z } from 'zod';
import type { LayerContext } from './layer';

/** An argument of a function: it stands in the configuration (Keras 3) or in the call (Keras 2). */
export function setting(context: LayerContext, name: string, position: number): unknown {
  const { [name]: configured } = context.config(z.record(z.string(), z.unknown()));
  return configured ?? context.argument(name, position) ?? undefined;
}
