import { float, integer } from '../../../graph/attributes';
import { positiveAxis, range } from '../../../graph/shapes';
import type { KernelFamily } from '../kernel';

export const normalizations: KernelFamily = {
  LayerNormalization: ({ tf, rule, tensor }) => {
    const x = tensor(0);
    const axes = [...range(x.shape.length).slice(positiveAxis(integer(rule.node, 'axis', -1), x.shape.length))];
    const centred = tf.sub(x, tf.mean(x, axes, true));
    const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), axes, true), float(rule.node, 'epsilon', 1e-5)));
    const scaled = tf.mul(tf.div(centred, deviation), tensor(1));
    return rule.has(2) ? tf.add(scaled, tensor(2)) : scaled;
  },
};
