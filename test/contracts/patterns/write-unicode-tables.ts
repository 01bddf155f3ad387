import type { Duckdb } from '#store';

/** General categories of RE2, except those that are sums of others. */
const CATEGORIES = 'Cc Cf Co Cs Ll Lm Lo Lt Lu Mc Me Mn Nd Nl No Pc Pd Pe Pf Pi Po Ps Sc Sk Sm So Zl Zp Zs'.split(' ');
/** Scripts of RE2's newest version; one that the engine does not know is left out. */
const SCRIPTS = (
  'Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki Bopomofo ' +
  'Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Chorasmian Common ' +
  'Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs ' +
  'Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Han Hangul ' +
  'Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi ' +
  'Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi Khitan_Small_Script Khmer Khojki ' +
  'Khudawadi Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic ' +
  'Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao ' +
  'Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari New_Tai_Lue Newa Nko Nushu ' +
  'Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian ' +
  'Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau ' +
  'Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham SignWriting Sinhala ' +
  'Sogdian Sora_Sompeng Soyombo Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil ' +
  'Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi ' +
  'Zanabazar_Square'
).split(' ');

const CODE_POINTS = 0x110000;
const RADIX = 36;

/** The source of `unicode-tables.ts`, as the RE2 of this DuckDB reads classes and the case of letters. */
export async function writeUnicodeTables(duckdb: Duckdb): Promise<string> {
  await duckdb.run(
    `create or replace table points as select string_agg(chr(i::int), '' order by i) as s
     from range(1, ${CODE_POINTS}) r(i) where not i between 55296 and 57343`,
  );
  // Four fifths of the code points are in no category, nor in a script.
  await duckdb.run(`update points set s = regexp_replace(s, '[^\\pL\\pM\\pN\\pP\\pS\\pZ\\pC]+', '', 'g')`);
  const categories = await partition(duckdb, CATEGORIES);
  const scripts = await partition(duckdb, SCRIPTS);
  const folds = await orbitSteps(duckdb);
  return `/*
 * Unicode as the RE2 of DuckDB knows it: rows must be read as files are, whatever the version of the browser or of Node.
 * Written by test/contracts/patterns/unicode-tables.test.ts, which asks DuckDB.
 */

/** A partition of all code points: names, and runs of \`index of the name\` or \`index*length\` in base 36; - has no name. */
export interface Partition {
  readonly names: string;
  readonly runs: string;
}

export const CATEGORIES: Partition = {
  names: '${categories.names}',
  runs: '${categories.runs}',
};

export const SCRIPTS: Partition = {
  names:
    '${scripts.names}',
  runs: '${scripts.runs}',
};

/**
 * For letters that differ in case alone: first letter, and where the next one of its circle is; in base 36, as
 * \`first,step\` or \`first,step,letters,distance between them\`.
 */
export const FOLDS =
  '${folds}';
`;
}

async function partition(duckdb: Duckdb, candidates: readonly string[]) {
  const owner = new Int16Array(CODE_POINTS).fill(-1);
  const names: string[] = [];
  for (const name of candidates) {
    const runs = await maybeRuns(duckdb, name);
    if (runs === undefined) continue;
    for (const run of runs) for (const character of run) owner[character.codePointAt(0) ?? 0] = names.length;
    names.push(name);
  }
  // No text holds NUL or half of a pair, so the engine was not asked for them.
  owner[0] = names.indexOf(names.includes('Cc') ? 'Cc' : 'Common');
  const tokens: string[] = [];
  for (let start = 0; start < CODE_POINTS; ) {
    let end = start + 1;
    while (end < CODE_POINTS && owner[end] === owner[start]) end++;
    const name = owner[start] === -1 ? '-' : (owner[start] ?? 0).toString(RADIX);
    tokens.push(end - start === 1 ? name : `${name}*${(end - start).toString(RADIX)}`);
    start = end;
  }
  return { names: names.join(' '), runs: tokens.join(' ') };
}

async function maybeRuns(duckdb: Duckdb, name: string): Promise<readonly string[] | undefined> {
  try {
    const sql = `select unnest(regexp_extract_all(s, '\\p{${name}}+')) as run from points`;
    return (await duckdb.all<{ run: string }>(sql)).map(({ run }) => run);
  } catch {
    return undefined;
  }
}

/** From each letter to the next one of its circle, in runs. */
async function orbitSteps(duckdb: Duckdb): Promise<string> {
  const steps: { readonly from: number; readonly step: number }[] = [];
  for (const orbit of await orbits(duckdb)) {
    for (const [index, from] of orbit.entries()) {
      steps.push({ from, step: (orbit[(index + 1) % orbit.length] ?? 0) - from });
    }
  }
  steps.sort((a, b) => a.from - b.from);
  const tokens: string[] = [];
  while (steps.length > 0) {
    const first = steps.shift() ?? { from: 0, step: 0 };
    const next = steps.find(({ step }) => step === first.step)?.from ?? 0;
    const distance = next - first.from === 1 || next - first.from === 2 ? next - first.from : 0;
    let letters = 1;
    while (distance !== 0) {
      const place = steps.findIndex(
        ({ from, step }) => step === first.step && from === first.from + letters * distance,
      );
      if (place === -1) break;
      steps.splice(place, 1);
      letters++;
    }
    const numbers = letters === 1 ? [first.from, first.step] : [first.from, first.step, letters, distance];
    tokens.push(numbers.map((number) => number.toString(RADIX)).join(','));
  }
  return tokens.join(' ');
}

/** The circles of letters that the engine takes for one another; JavaScript names the candidates. */
async function orbits(duckdb: Duckdb): Promise<readonly (readonly number[])[]> {
  const alike = new Map<string, Set<string>>();
  const all = Array.from({ length: CODE_POINTS }, (_, point) => point).filter(
    (point) => point < 0xd800 || point > 0xdfff,
  );
  const join = (key: string, character: string): void => {
    const group = alike.get(key) ?? new Set();
    alike.set(key, group.add(character));
  };
  for (const character of all.map((point) => String.fromCodePoint(point))) {
    join(`upper ${character.toUpperCase()}`, character);
    join(`lower ${character.toLowerCase()}`, character);
    join(`upper ${character.toLowerCase().toUpperCase()}`, character);
  }
  const pairs = [...alike.values()].flatMap((group) => {
    const list = [...group];
    return list.flatMap((a) => list.filter((b) => a < b).map((b) => [a, b] as const));
  });
  const values = pairs.map(([a, b]) => `('${a}', '${b}')`).join(', ');
  const sql = `select distinct a, b from (values ${values}) pairs(a, b) where regexp_full_match(b, '(?i)' || a)`;
  const circles = new Map<string, Set<string>>();
  for (const { a, b } of await duckdb.all<{ a: string; b: string }>(sql)) {
    const circle = new Set([a, b, ...(circles.get(a) ?? []), ...(circles.get(b) ?? [])]);
    for (const member of circle) circles.set(member, circle);
  }
  return [...new Set(circles.values())].map((circle) =>
    [...circle].map((character) => character.codePointAt(0) ?? 0).sort((a, b) => a - b),
  );
}
