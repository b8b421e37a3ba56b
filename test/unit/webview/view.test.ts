import { describe, expect, it } from 'vitest';
import { between, panned, within, zoomed } from '../../../webview/chart/view';

const whole = { first: 1, last: 1001 };

describe('the steps in view', () => {
  it('closer keeps the step under the pointer where it is', () => {
    // 251 is a quarter of the way; half of 1000 steps, of which a quarter lies before it.
    expect(zoomed(whole, whole, 0.5, 251)).toEqual({ first: 126, last: 626 });
  });

  it('no closer than a few steps, and no further away than all', () => {
    expect(zoomed({ first: 10, last: 14 }, whole, 0.5, 12)).toEqual({ first: 10, last: 14 });
    expect(zoomed({ first: 10, last: 900 }, whole, 2, 12)).toEqual(whole);
  });

  it('at the ends stays among the steps that there are', () => {
    expect(zoomed({ first: 901, last: 1001 }, whole, 2, 1001)).toEqual({ first: 801, last: 1001 });
    expect(panned({ first: 900, last: 1000 }, whole, 50)).toEqual({ first: 901, last: 1001 });
    expect(panned({ first: 20, last: 30 }, whole, -50)).toEqual({ first: 1, last: 11 });
  });

  it('a range is taken in whatever order it was drawn, and widened where it is too small', () => {
    expect(between(80.2, 20.4, whole)).toEqual({ first: 20, last: 80 });
    expect(between(50, 51, whole)).toEqual({ first: 49, last: 53 });
  });

  it('is as much as fits where the schedule becomes shorter', () => {
    expect(within({ first: 500, last: 700 }, { first: 1, last: 100 })).toEqual({ first: 1, last: 100 });
    expect(within({ first: 50, last: 70 }, { first: 1, last: 60 })).toEqual({ first: 40, last: 60 });
  });

  it('of very few steps is all of them', () => expect(zoomed({ first: 1, last: 3 }, { first: 1, last: 3 }, 0.5, 2)).toEqual({ first: 1, last: 3 }));
});
