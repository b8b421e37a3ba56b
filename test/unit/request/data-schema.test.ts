import { describe, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import type { ForgetSpec, SourceSpec } from '../../../src/data/source-spec';
import type { forget, source } from '../../../src/request/data-schema';

/** Names of all fields that any member of a union has. */
type Fields<T> = T extends unknown ? keyof T : never;

describe('the data part of the request schema', () => {
  it('gives what the data layer reads', () => {
    expectTypeOf<z.output<typeof source>>().toExtend<SourceSpec>();
    expectTypeOf<z.output<typeof forget>>().toExtend<ForgetSpec>();
  });

  it('leaves nothing out that the data layer reads', () => {
    expectTypeOf<Fields<z.output<typeof source>>>().toEqualTypeOf<Fields<SourceSpec>>();
    expectTypeOf<Fields<z.output<typeof forget>>>().toEqualTypeOf<Fields<ForgetSpec>>();
    expectTypeOf<z.output<typeof source>['format']>().toEqualTypeOf<SourceSpec['format']>();
  });
});
