/** The steps that a chart has in view, whole numbers with `first` < `last`. */
export interface View {
  readonly first: number;
  readonly last: number;
}

/** Steps between the ends of the closest view. */
const closest = 4;

/** Closer by a factor below 1, further away by one above it; the step `about` keeps its place. */
export function zoomed(view: View, whole: View, factor: number, about: number): View {
  const span = view.last - view.first;
  const wanted = Math.min(whole.last - whole.first, Math.max(closest, Math.round(span * factor)));
  const share = Math.min(1, Math.max(0, (about - view.first) / span));
  return placed(about - share * wanted, wanted, whole);
}

/** The steps between two of them, in whatever order, and around them where they are too close to each other. */
export function between(one: number, other: number, whole: View): View {
  const span = Math.min(whole.last - whole.first, Math.max(closest, Math.round(Math.abs(other - one))));
  return placed((one + other - span) / 2, span, whole);
}

/** Along by a number of steps, as far as there are any. */
export function panned({ first, last }: View, whole: View, by: number): View {
  return placed(first + by, last - first, whole);
}

/** What is left of a view when the schedule becomes another one. */
export function within(view: View, whole: View): View {
  const span = Math.min(whole.last - whole.first, view.last - view.first);
  return placed(view.first, span, whole);
}

function placed(first: number, span: number, whole: View): View {
  const start = Math.round(Math.min(whole.last - span, Math.max(whole.first, first)));
  return { first: start, last: start + span };
}
