import { isIP, isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Expectation, email, ipAddress, json, ofType, trimmed, uuid, webAddress } from '#contracts';
import type { DuckdbPool } from '#store';
import { typedSql } from '../../../src/contracts/kinds/typed-sql.ts';
import { literal } from '../../../src/contracts/sql.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
});
afterAll(() => duckdb.close());

/** The texts that meet the expectation, as DuckDB finds them. */
async function good(expectation: Expectation, texts: readonly string[]): Promise<ReadonlySet<string>> {
  const violated = expectation.sql({
    ...{ table: 'texts', typed: () => 't', raw: () => 't', typedAs: (_, kind) => typedSql(kind, 't') },
    constant: () => undefined,
  });
  const rows = texts.map((text) => `(${literal(text)})`).join(', ');
  const sql = `select t from (values ${rows}) texts(t) where not coalesce(${violated}, false)`;
  const found = await duckdb.use((connection) => connection.all<{ t: string }>(sql));
  return new Set(found.map(({ t }) => t));
}

/** The texts of which the expectation and the reference say different things. */
async function disputed(
  expectation: Expectation,
  { texts, isGood }: { readonly texts: readonly string[]; readonly isGood: (text: string) => boolean },
) {
  const found = await good(expectation, texts);
  const wrong = texts.filter((text) => found.has(text) !== isGood(text));
  return { wrong: wrong.slice(0, 5).map((text) => ({ text, isFound: found.has(text) })), good: found.size };
}

const RUNS = 2000;
const SEED = 16;

/** Texts of the arbitrary, and as many again with up to two characters of each taken out, put in or doubled. */
function near(whole: fc.Arbitrary<string>, characters: readonly string[]): readonly string[] {
  const change = fc.tuple(fc.nat(), fc.constantFrom('', ...characters), fc.boolean());
  const changed = fc.tuple(whole, fc.array(change, { minLength: 1, maxLength: 2 })).map(([text, changes]) => {
    let points = [...text];
    for (const [place, put, isTaken] of changes)
      points = points.toSpliced(place % (points.length + 1), isTaken ? 1 : 0, put);
    return points.join('');
  });
  const texts = fc.sample(fc.oneof(whole, changed), { numRuns: RUNS, seed: SEED });
  // No cell of a file can hold a NUL, or half of a pair of surrogates.
  return [...new Set(texts)].filter(
    (text) => text !== '' && !text.includes('\0') && Buffer.from(text).toString() === text,
  );
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('json', () => {
  it('refuses what RFC 8259 does not have', async () => {
    const texts = [
      ...['[1,]', '{"a":1,}', '[1, \n]', '{"a":{"b":1,\t}}', 'NaN', '-Infinity', '[nan]', '{"a":inf}', 'Infinity'],
      ...['01', '-01', '1.', '.5', '+1', '1e', '-', '1 2', '[1 2]', '[,]', '{,}', '', ' ', 'True', 'nul'],
      ...[
        '// a\n1',
        '1/*a*/',
        '[1]#',
        "'a'",
        "{'a':1}",
        '{a:1}',
        '{"a"}',
        '"a',
        'a"',
        '"a\\"',
        '"a\\x"',
        '"a\\',
        '"\\u12"',
      ],
      ...['"a\tb"', '"a\u0001"', '"a\nb"', '\ufeff1', '\u00a01', '\f1', '"a\\x,]", "b"', '"\\"', '"a"b"c"', '["a",]'],
    ];
    expect(texts.filter(isJson)).toEqual([]);
    expect(await good(json('t'), texts)).toEqual(new Set());
  });

  it('accepts what it has', async () => {
    const texts = [
      ...[
        '"\\ud800"',
        '"\\ude00\\ud83d"',
        '{"\\ud800":1}',
        '"a,]"',
        '"NaN"',
        '{"inf":",}"}',
        '{"a":1,"a":2}',
        '"\\"nan\\\\"',
      ],
      ...[
        '1e400',
        '123456789012345678901234567890',
        '-0',
        '1E+5',
        ' [ ] ',
        '\r\n\t1',
        '"\u007f\u2028é👍"',
        '"\\/"',
        '""',
      ],
      ...[`${'['.repeat(5000)}1${']'.repeat(5000)}`, `${'{"a":'.repeat(3000)}null${'}'.repeat(3000)}`],
    ];
    expect(texts.filter((text) => !isJson(text))).toEqual([]);
    expect(await good(json('t'), texts)).toEqual(new Set(texts));
  });

  it('says what JSON.parse says', async () => {
    const characters = [
      ...'[]{},:"\\/0123456789.eE+- \t\n\r\ftrufalsnNIity\'u\u00a0\u0001é',
      '\\ud800',
      ',]',
      '""',
      'NaN',
      '1,',
    ];
    const texts = near(
      fc.oneof(
        fc.json(),
        fc.jsonValue().map((value) => JSON.stringify(value, null, 1)),
      ),
      characters,
    );
    const { wrong, good: count } = await disputed(json('t'), { texts, isGood: isJson });
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(texts.length / 4);
    expect(count).toBeLessThan(texts.length);
  });
});

/** IPv6 in many spellings: of any number of groups, with `::` anywhere and an IPv4 address at the end or not. */
const ipv6 = fc
  .tuple(fc.array(fc.constantFrom('0', 'f', 'ABCD', '1', '0db8', 'ffff'), { maxLength: 9 }), fc.nat(9), fc.nat(3))
  .map(([groups, gap, kind]) => {
    const all = kind === 0 ? [...groups.slice(0, 7), '1.2.3.4'] : groups;
    const place = gap % (all.length + 1);
    return kind === 1 ? all.join(':') : `${all.slice(0, place).join(':')}::${all.slice(place).join(':')}`;
  });

describe('ipAddress', () => {
  it.each([
    ['both versions', ipAddress('t'), (text: string) => isIP(text) !== 0],
    ['version 4', ipAddress('t', { version: 4 }), isIPv4],
    ['version 6', ipAddress('t', { version: 6 }), isIPv6],
  ] as const)('says of %s what node:net says', async (_, expectation, isGood) => {
    const all = fc.oneof(ipv6, fc.ipV4(), fc.ipV6(), fc.constantFrom('::', '::1', '1::', '::ffff:1.2.3.4'));
    const texts = near(all, [...'0129afAG:.%', '::', '256', '01', '1.2.3.4', ' ']).filter(
      (text) => !text.includes('%'),
    );
    const { wrong, good: count } = await disputed(expectation, { texts, isGood });
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(200);
  });

  it('refuses a zone, which means something on one machine only', async () => {
    expect(await good(ipAddress('t'), ['fe80::1%eth0', 'fe80::1%', 'fe80::1'])).toEqual(new Set(['fe80::1']));
  });

  it('refuses another version in words', () => {
    // A caller without types may say anything.
    expect(() => ipAddress('t', { version: 5 as 4 })).toThrow('expects version 4 or 6');
  });
});

const isWebAddress = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

describe('webAddress', () => {
  it('accepts schemes of any case, hosts of any script, IP addresses and ports', async () => {
    const texts = [
      ...['HTTP://EXAMPLE.COM/', 'hTTps://a', 'http://localhost:8080', 'http://[::1]:8080/', 'http://[::ffff:1.2.3.4]'],
      ...[
        'http://127.0.0.1/',
        'http://a:65535',
        'http://a:00080/',
        'http://a:',
        'http://example.com.',
        'http://my_host/',
      ],
      ...[
        'https://bücher.example/straße?q=ä#ö',
        'https://例え.テスト/',
        'https://xn--e1afmkfd.xn--p1ai/',
        'http://☃.net',
      ],
      ...[
        'http://a?b',
        'http://a#b',
        'http://a/%zz',
        'http://a/b@c:d',
        'http://3.example/',
        'https://a/[]{}|',
        'http://1a',
        'http://0x1g',
        'http://0x1.example/0x1',
      ],
    ];
    expect(texts.filter((text) => !isWebAddress(text))).toEqual([]);
    expect(await good(webAddress('t'), texts)).toEqual(new Set(texts));
  });

  it('refuses what has no host, no such host or port, or credentials', async () => {
    const texts = [
      ...[
        'http://',
        'http:///a',
        'http://:80',
        'http:a',
        'http:/a',
        'https//a',
        '//a',
        'ftp://a',
        'a.b',
        'http://?a',
        'http://#',
      ],
      ...[
        'http://a:65536',
        'http://a:99999',
        'http://a:b',
        'http://256.0.0.1',
        'http://1.2.3.4.5',
        'http://a.1/',
        'http://01.2.3.4',
        'http://0x7f.1',
        'http://a.0x',
        'http://a.0X1f.:80/b',
        'http://0x1?b',
      ],
      ...[
        'http://[::1',
        'http://::1',
        'http://[:::1]',
        'http://[fe80::1%25eth0]/',
        'http://[1.2.3.4]',
        'http://[]/',
        'http://[::1]a',
      ],
      ...[
        'http://a b/',
        'http://a/b c',
        ' http://a',
        'http://a\t',
        'http://a/\u00a0',
        'http://a/\u2028',
        'http://a..b',
        'http://.a',
      ],
      ...['http://u:p@a/', 'http://u@a', 'http://a\\b', 'http://a^b', 'http://a<b>', 'http://a%20b', 'javascript://a'],
    ];
    expect(await good(webAddress('t'), texts)).toEqual(new Set());
  });

  it('accepts every address as URL writes it, and none that URL does not read', async () => {
    const written = fc.webUrl({
      withFragments: true,
      withQueryParameters: true,
      authoritySettings: { withIPv4: true, withIPv6: true, withPort: true },
    });
    const texts = near(
      written.map((text) => text.replace(/^http/, (scheme) => scheme.toUpperCase())),
      [...'/:.[]?#@%a1-_ é"<\\|^', '::', '65536'],
    );
    const found = await good(webAddress('t'), texts);
    expect([...found].filter((text) => !isWebAddress(text))).toEqual([]);
    const hrefs = [...new Set(texts.filter(isWebAddress).map((text) => new URL(text)))]
      .filter(
        ({ username, password, hostname }) =>
          username === '' && password === '' && /^[-a-z0-9_.[\]:]+$/.test(hostname) && !/(^|\.)\./.test(hostname),
      )
      .map(({ href }) => href);
    const kept = await good(webAddress('t'), hrefs);
    expect(hrefs.filter((href) => !kept.has(href))).toEqual([]);
    expect(hrefs.length).toBeGreaterThan(500);
  });
});

/** As HTML defines a valid e-mail address. */
const HTML_EMAIL =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
/** A domain of two names, the last of which begins with a letter, as all there are do. */
const PUBLIC = /\.[a-zA-Z][^.]+$/;

describe('email', () => {
  it('says of ASCII what the pattern of HTML says, and wants a public domain', async () => {
    const texts = near(fc.emailAddress(), [...`@.-_+!#$%&'*/=?^\`{|}~"(),:;<>[]\\ a1Z\t`, 'a'.repeat(63), '..', '.-']);
    const isGood = (text: string): boolean => HTML_EMAIL.test(text) && PUBLIC.test(text);
    const { wrong, good: count } = await disputed(email('t'), { texts, isGood });
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(500);
  });

  it('takes letters of any script', async () => {
    const texts = ['josé@example.com', 'a@bücher.example', '用户@例え.テスト', 'a@xn--e1afmkfd.xn--p1ai', 'a@b.рф'];
    expect(await good(email('t'), [...texts, 'a\u00a0b@c.de', 'a@b\u2003c.de', 'a@b.c\u200b'])).toEqual(new Set(texts));
  });
});

describe('uuid', () => {
  it('says what zod says of any version', async () => {
    const texts = near(fc.uuid(), [...'0fAFgG-{} ']);
    const { wrong, good: count } = await disputed(uuid('t'), {
      texts,
      isGood: (text) => z.guid().safeParse(text).success,
    });
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(1000);
  });
});

describe('trimmed', () => {
  it('says what String.trim leaves as it is', async () => {
    const spaces = [...' \t\n\v\f\r\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\ufeffab.\u200b\u0085'];
    const texts = near(fc.string({ unit: fc.constantFrom(...spaces), minLength: 1, maxLength: 5 }), spaces);
    const { wrong } = await disputed(trimmed('t'), { texts, isGood: (text) => text === text.trim() });
    expect(wrong).toEqual([]);
  });
});

describe('ofType', () => {
  const two = (most: number) => fc.nat(most).map((value) => String(value).padStart(2, '0'));
  const day = fc.tuple(fc.constantFrom('0001', '0004', '1900', '2000', '2024', '2026', '9999'), two(13), two(32));
  const days = day.map((parts) => parts.join('-'));
  /** A moment that Date reads and writes back with the same digits, so that it has not been carried over. */
  const isMoment = (text: string): boolean => {
    const moment = new Date(`${text.slice(0, 19)}Z`);
    return !Number.isNaN(moment.getTime()) && moment.toISOString().slice(0, 19) === text.slice(0, 19);
  };

  it('knows the days that Date knows', async () => {
    const texts = [...new Set(fc.sample(days, { numRuns: RUNS, seed: SEED }))];
    const isGood = (text: string): boolean => isMoment(`${text}T00:00:00`);
    const { wrong, good: count } = await disputed(ofType('t', { kind: 'date' }), { texts, isGood });
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(500);
  });

  it('knows the moments that Date knows', async () => {
    const moments = fc
      .tuple(days, two(24), two(60), two(60), fc.constantFrom('', 'Z', '.5', '.123456Z', '+02:00'))
      .map(([date, hours, minutes, seconds, rest]) => `${date}T${hours}:${minutes}:${seconds}${rest}`);
    const texts = [...new Set(fc.sample(moments, { numRuns: RUNS, seed: SEED }))];
    const { wrong, good: count } = await disputed(ofType('t', { kind: 'timestamp' }), { texts, isGood: isMoment });
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(500);
  });
});
