import stdlibErf from '@stdlib/math-base-special-erf';

/** The error function, typed: its package declares a CommonJS default export. */
export const erf: (x: number) => number = stdlibErf;
