import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { isStorableJson, isStorableText, toStorableText } from '../../../src/store/postgres/storable-text.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

const ODD = ['a\0b', 'half \ud800', '\udc00 half', '\ud800\ud800', '\0'];
const PLAIN = ['', 'plain', 'a whole pair \u{1f600}', 'an escape \\u0000 in words', '\ufffd', 'line\nbreak\u0001'];

describe('storable text', () => {
  it.each(ODD)('finds %j, which PostgreSQL does not keep, as text and inside JSON', (text) => {
    expect(isStorableText(text)).toBe(false);
    expect(isStorableJson(JSON.stringify({ cells: [1, text] }))).toBe(false);
    expect(isStorableJson(JSON.stringify({ [text]: null }))).toBe(false);
  });

  it.each(PLAIN)('leaves %j as it is', (text) => {
    expect(isStorableText(text)).toBe(true);
    expect(isStorableJson(JSON.stringify({ cells: [1, text] }))).toBe(true);
    expect(toStorableText(text)).toBe(text);
  });

  it('puts one replacement character in the place of each character that cannot be kept', () => {
    expect(ODD.map(toStorableText)).toEqual(['a\ufffdb', 'half \ufffd', '\ufffd half', '\ufffd\ufffd', '\ufffd']);
  });
});

describe('PostgreSQL', () => {
  let database: Database;
  beforeAll(async () => {
    database = await createTestDatabase({ isMigrated: false });
  });
  afterAll(() => database.close());

  it('takes what was made storable, as text and as JSON', async () => {
    const texts = [...ODD, ...PLAIN].map(toStorableText);
    const [row] = await database.query<{ texts: string[]; json: string[] }>(
      'select $1::text[] as texts, $2::jsonb as json',
      [texts, JSON.stringify(texts)],
    );
    expect(row).toEqual({ texts, json: texts });
  });
});
