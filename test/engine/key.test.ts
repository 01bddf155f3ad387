import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/engine/define/errors.ts';
import { encodeCanonical, explainKeys, makeGoalId, makeKey, significantParams } from '../../src/engine/define/key.ts';

const parts = { task: 'fit-model', code: 'version:1', params: { seed: 1, rate: 0.5 }, inputs: {} };

describe('the canonical encoding', () => {
  it.each([
    [null, 'z'],
    [true, 't'],
    [1, 'n1;'],
    [1e21, 'n1e+21;'],
    ['1', 's1:1'],
    ['é', 's1:é'],
    [[1, [2]], '[n1;[n2;]]'],
    [{ b: 1, a: '' }, '{s1:as0:s1:bn1;}'],
  ])('writes %j as %s', (value, encoded) => {
    expect(encodeCanonical(value)).toBe(encoded);
  });

  it('gives equal values one encoding: order of fields, 1 and 1.0, 0 and -0', () => {
    expect(encodeCanonical({ a: 1, b: 2 })).toBe(encodeCanonical({ b: 2, a: 1.0 }));
    expect(encodeCanonical(-0)).toBe(encodeCanonical(0));
  });

  it.each([
    [1, '1'],
    ['a\u0301', '\u00e1'],
    [null, {}],
    [[], {}],
    [['ab'], ['a', 'b']],
    [{ a: null }, {}],
    [{ a: { b: 1 } }, { a: {}, b: 1 }],
    ['s1:a', 'a'],
  ])('keeps %j and %j apart', (left, right) => {
    expect(encodeCanonical(left)).not.toBe(encodeCanonical(right));
  });

  it.each([
    ['NaN', Number.NaN, /NaN/],
    ['Infinity', Number.POSITIVE_INFINITY, /finite/],
    ['undefined', undefined, /leave the field out/],
    ['a Date', new Date(0), /toISOString/],
    ['a BigInt', 1n, /BigInt 1/],
    ['a Map', new Map(), /a Map/],
    ['a Set', new Set(), /a Set/],
    ['a function', () => 1, /a function/],
    ['a symbol', Symbol('s'), /a symbol/],
    ['half a surrogate pair', '\ud800', /surrogate/],
    ['U+0000', 'a\0', /U\+0000/],
    ['an instance of a class', new (class Point {})(), /a Point/],
  ])('refuses %s and says where it is and what to do', (_, value, message) => {
    expect(() => encodeCanonical({ deep: [value] }, 'params')).toThrow(message);
    expect(() => encodeCanonical({ deep: [value] }, 'params')).toThrow(/^params\.deep\[0\]/);
    expect(() => encodeCanonical({ deep: [value] }, 'params')).toThrow(EngineError);
  });
});

describe('a key', () => {
  it('has the digest it always had', () => {
    expect(makeKey(parts)).toBe('8e84b81dd8d26a022a9c44808596e624b8aa88b7a47a14ee3bc45ab117a59a85');
    expect(makeKey({ ...parts, inputs: { data: { rows: 'ab'.repeat(32) } } })).toBe(
      '2d08e08d81085a43ffd6189f333daa19ab3e128eac5775165b9aade42c73d72b',
    );
    expect(makeGoalId('fit-model', { seed: 1, rate: 0.5 })).toBe(
      '0980c3e1e86c37f0d535bcbffaf2cc8afcf1a962479d903a0ba82220c5ff400a',
    );
  });

  it('changes with every part, and never equals the identity of a goal', () => {
    const keys = [
      makeKey(parts),
      makeKey({ ...parts, task: 'fit-models' }),
      makeKey({ ...parts, code: 'code:1' }),
      makeKey({ ...parts, params: { seed: '1', rate: 0.5 } }),
      makeKey({ ...parts, inputs: { data: {} } }),
      makeKey({ ...parts, inputs: { data: { rows: 'a' } } }),
      makeGoalId(parts.task, parts.params),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('leaves insignificant params out', () => {
    expect(significantParams({ seed: 1, label: 'x' }, ['label'])).toEqual({ seed: 1 });
  });

  it('has no collision among a hundred thousand generated goals', () => {
    const ids = new Set<string>();
    for (let index = 0; index < 100_000; index++) ids.add(makeGoalId('noop', { index, label: `${index % 7}` }));
    expect(ids.size).toBe(100_000);
  });
});

describe('explainKeys', () => {
  it('takes a param that every object inherits for new where it was not given', () => {
    const after = { ...parts, params: { ...parts.params, constructor: 1, toString: 'x' } };
    expect(explainKeys(parts, after).map(({ name, before }) => [name, before])).toEqual([
      ['constructor', undefined],
      ['toString', undefined],
    ]);
  });

  it('says nothing of equal keys', () => {
    expect(explainKeys(parts, { ...parts, params: { rate: 0.5, seed: 1 } })).toEqual([]);
  });

  it('names each part that differs, with both sides', () => {
    const after = {
      task: 'fit-model',
      code: 'version:2',
      params: { seed: 2, depth: 3 },
      inputs: { data: { rows: 'new' } },
    };
    expect(explainKeys({ ...parts, inputs: { data: { rows: 'old' } } }, after)).toEqual([
      { part: 'code', name: 'code', before: 'version:1', after: 'version:2' },
      { part: 'param', name: 'depth', before: undefined, after: 3 },
      { part: 'param', name: 'rate', before: 0.5, after: undefined },
      { part: 'param', name: 'seed', before: 1, after: 2 },
      { part: 'input', name: 'data.rows', before: 'old', after: 'new' },
    ]);
  });
});
