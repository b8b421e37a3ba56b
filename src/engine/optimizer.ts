/** Moves x along a gradient; its memory belongs to one run. */
export interface Optimizer {
  step(x: Float32Array, gradient: Float32Array, learningRate: number): void;
}

/** v ← m·v + g + w·x, x ← x − γ·v, with momentum m and weight decay w. */
export function sgd(dimension: number, momentum: number, weightDecay: number): Optimizer {
  const velocity = new Float32Array(dimension);
  return {
    step(x, gradient, learningRate) {
      for (let index = 0; index < dimension; index++) {
        const value = x[index] ?? 0;
        const moved = momentum * (velocity[index] ?? 0) + (gradient[index] ?? 0) + weightDecay * value;
        velocity[index] = moved;
        x[index] = value - learningRate * moved;
      }
    },
  };
}

/** Adam (D. Kingma, J. Ba, ICLR 2015) with decoupled weight decay (I. Loshchilov, F. Hutter, ICLR 2019): β₁ = 0.9, β₂ = 0.999, ε = 1e-8. */
export function adam(dimension: number, weightDecay: number): Optimizer {
  const [first, second] = [0.9, 0.999];
  const mean = new Float32Array(dimension);
  const square = new Float32Array(dimension);
  let count = 0;
  return {
    step(x, gradient, learningRate) {
      count++;
      const meanScale = 1 / (1 - first ** count);
      const squareScale = 1 / (1 - second ** count);
      for (let index = 0; index < dimension; index++) {
        const g = gradient[index] ?? 0;
        const m = first * (mean[index] ?? 0) + (1 - first) * g;
        const v = second * (square[index] ?? 0) + (1 - second) * g * g;
        mean[index] = m;
        square[index] = v;
        const value = x[index] ?? 0;
        x[index] = value - learningRate * ((m * meanScale) / (Math.sqrt(v * squareScale) + 1e-8) + weightDecay * value);
      }
    },
  };
}
