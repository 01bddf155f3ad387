import { describe, expectTypeOf, it } from 'vitest';
import type { ContractAnswer } from '#api';
import type { FileFormat } from '#contracts';

type Answer = NonNullable<ContractAnswer['format']>;
type Answered = { readonly [Setting in keyof Answer]-?: Exclude<Answer[Setting], undefined> };
type Settings = Required<FileFormat>;

describe('the format of a contract in an answer', () => {
  it('has every setting that a contract has, and no other', () => {
    expectTypeOf<keyof Answered>().toEqualTypeOf<keyof Settings>();
  });

  it('has the values that a contract has', () => {
    expectTypeOf<Answered['quote']>().toEqualTypeOf<Settings['quote']>();
    expectTypeOf<Answered['escape']>().toEqualTypeOf<Settings['escape']>();
    expectTypeOf<Answered['blanks']>().toEqualTypeOf<Settings['blanks']>();
    expectTypeOf<Answered['headerRows'] | Answered['skipLines']>().toEqualTypeOf<number>();
    expectTypeOf<Answered['nulls']>().toExtend<Settings['nulls']>();
    expectTypeOf<Answered['booleans']>().toExtend<Settings['booleans']>();
  });
});
