/**
 * Quantiles as Keras's Discretization takes them from data (keras/src/layers/preprocessing/discretization.py): the sorted numbers are thinned out to a
 * summary of values with weights, and boundaries of bins are read off its cumulative weights. Arithmetic in float32 and float64 where Keras has it.
 */
export interface Summary {
  /** In ascending order. */
  readonly values: Float32Array;
  /** How many numbers each stands for. */
  readonly weights: Float32Array;
}

/** `summarize`: every ⌊step⌋-th number, so that about 1/epsilon are left. Keras 2 starts one later, with a whole step. */
export function summarize(numbers: Float32Array, epsilon: number, generation: number): Summary {
  const sorted = numbers.toSorted();
  const share = sorted.length / (1 / epsilon);
  const step = Math.max(generation < 3 ? Math.floor(share) : share, 1);
  const kept: number[] = [];
  for (let at = Math.floor(generation < 3 ? share : step - 1); at < sorted.length; at += Math.floor(step)) kept.push(sorted[at] ?? 0);
  return { values: Float32Array.from(kept), weights: new Float32Array(kept.length).fill(step) };
}

/** `compress_summary`: the same distribution by about 1/epsilon values, or as it is where there are fewer. */
export function compress(summary: Summary, epsilon: number): Summary {
  return summary.values.length * epsilon < 1 ? summary : resampled(summary, Math.ceil(1 / epsilon), epsilon);
}

/** The values at epsilon, 2·epsilon, … of the cumulative weight. @param count how many */
export function resampled({ values, weights }: Summary, count: number, epsilon: number): Summary {
  const cumulative = new Float32Array(weights.length);
  weights.forEach((weight, at) => {
    cumulative[at] = Math.fround((cumulative[at - 1] ?? 0) + weight);
  });
  const whole = cumulative.at(-1) ?? 0;
  const shares = cumulative.map((weight) => weight / whole);
  const at = Float64Array.from({ length: count }, (_, index) => epsilon + index * epsilon);
  const reached = at.map((share) => interpolated(share, shares, cumulative));
  return { values: Float32Array.from(at, (share) => interpolated(share, shares, values)), weights: Float32Array.from(reached, (weight, index) => weight - (reached[index - 1] ?? 0)) };
}

/** `get_bin_boundaries`. */
export function boundariesOf(summary: Summary, bins: number): Float32Array {
  return compress(summary, 1 / bins).values.slice(0, -1);
}

/** `numpy.interp`: on the line between the two neighbours, and flat beyond the ends. */
function interpolated(x: number, xs: Float32Array, ys: Float32Array): number {
  let [below, above] = [-1, xs.length];
  while (above - below > 1) {
    const middle = (below + above) >> 1;
    if ((xs[middle] ?? 0) <= x) below = middle;
    else above = middle;
  }
  if (below < 0) return ys[0] ?? 0;
  const [x0 = 0, y0 = 0, x1, y1] = [xs[below], ys[below], xs[below + 1], ys[below + 1]];
  return x1 === undefined || y1 === undefined || x0 === x ? y0 : ((y1 - y0) / (x1 - x0)) * (x - x0) + y0;
}
