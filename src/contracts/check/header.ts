import type { Violation } from '../check-result.ts';
import type { Contract } from '../contract.ts';
import { fieldsOf } from '../scan/fields.ts';
import { hasSensitive } from './sensitive.ts';

/** How the names in a file's first line match those of the contract. */
export interface HeaderMatch {
  /** Names for the canonical file: the contract's spelling where a name is known. */
  readonly names: readonly string[];
  /** Position in the file of each column that was found without ambiguity. */
  readonly positions: ReadonlyMap<string, number>;
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  readonly repeated: readonly string[];
  /** Names accepted as a column though spelled a little differently: case, outer spaces, Unicode form. */
  readonly respelled: readonly { readonly file: string; readonly contract: string }[];
  /** Another delimiter with which more names would match. */
  readonly delimiterHint: string | undefined;
}

/**
 * Which columns the file has. A column is looked for by its `header`, then by its own name, which good rows have, then
 * by a spelling close to its header. Columns with the same header match as many columns of the file, in the contract's
 * order.
 */
export function matchHeader(contract: Contract, header: readonly string[]): HeaderMatch {
  const expected = Object.keys(contract.columns);
  const claims = claimsOf(contract);
  const found = positionsOf(calledAs(header, { columns: contract.columns, claims }));
  const inFile = positionsOf(header);
  const places = placesOf(claims, found);
  const isRepeated = (name: string): boolean => places.get(name) === 'repeated';
  const positions = new Map<string, number>();
  for (const name of expected) {
    const place = places.get(name) ?? maybeByOwnName(name, { inFile, claims });
    if (typeof place === 'number') positions.set(name, place);
  }
  const names = namesOf(header, { contract, positions, found, claims });
  return {
    names,
    positions,
    missing: expected.filter((name) => !positions.has(name) && !isRepeated(name)),
    extra: header
      .map((name, position) => shownName(name, { position, contract }))
      .filter((_, position) => contract.columns[names[position] ?? ''] === undefined),
    repeated: expected.filter(isRepeated),
    respelled: [...positions].flatMap(([name, position]) => {
      const file = header[position] ?? '';
      return file === name || file === headerOf(contract, name) ? [] : [{ file, contract: name }];
    }),
    delimiterHint: hintOf(contract, { header, known: found.size }),
  };
}

/** The name of a contract's column in files. */
function headerOf({ columns }: Pick<Contract, 'columns'>, name: string): string {
  return columns[name]?.header ?? name;
}

/**
 * What an unknown column is called. In a file without a header the first row is taken for one, so where a column is
 * sensitive the names that the contract does not know may be values.
 */
export function shownName(
  name: string,
  { position, contract }: { readonly position: number; readonly contract: Pick<Contract, 'columns'> },
): string {
  return hasSensitive(contract) ? `number ${position + 1}` : name;
}

/** The columns of the contract by their names in files. */
type Claims = ReadonlyMap<string, readonly string[]>;

function claimsOf(contract: Contract): Claims {
  const claims = new Map<string, string[]>();
  for (const name of Object.keys(contract.columns)) {
    const called = headerOf(contract, name);
    const names = claims.get(called);
    if (names === undefined) claims.set(called, [name]);
    else names.push(name);
  }
  return claims;
}

/** The positions of each name that is not empty. */
function positionsOf(names: readonly (string | undefined)[]): ReadonlyMap<string, readonly number[]> {
  const positions = new Map<string, number[]>();
  for (const [position, name] of names.entries()) {
    if (name === undefined) continue;
    const others = positions.get(name);
    if (others === undefined) positions.set(name, [position]);
    else others.push(position);
  }
  return positions;
}

/** For each name of the file the matching header: the same, or one of close spelling that the file does not have. */
function calledAs(
  header: readonly string[],
  { columns, claims }: { readonly columns: Contract['columns']; readonly claims: Claims },
): readonly (string | undefined)[] {
  const inFile = new Set(header);
  const bySpelling = new Map([...claims.keys()].filter((called) => !inFile.has(called)).map((c) => [spelling(c), c]));
  return header.map((name) => {
    if (claims.has(name)) return name;
    // A column's own name never counts as another spelling.
    return columns[name] === undefined ? bySpelling.get(spelling(name)) : undefined;
  });
}

/** The position of each column; with more candidates in the file than in the contract it is ambiguous. */
function placesOf(
  claims: Claims,
  found: ReadonlyMap<string, readonly number[]>,
): ReadonlyMap<string, number | 'repeated'> {
  const places = new Map<string, number | 'repeated'>();
  for (const [called, names] of claims) {
    const positions = found.get(called) ?? [];
    // When there are not enough candidates, the column with exactly this name goes first.
    const inTurn = positions.length < names.length ? names.toSorted((a, b) => own(b, called) - own(a, called)) : names;
    for (const [turn, name] of inTurn.entries()) {
      const place = positions.length > names.length ? 'repeated' : positions[turn];
      if (place !== undefined) places.set(name, place);
    }
  }
  return places;
}

const own = (name: string, called: string): number => (name === called ? 1 : 0);

/** A column that the file has under the name of the contract instead of its header. */
function maybeByOwnName(
  name: string,
  { inFile, claims }: { readonly inFile: ReadonlyMap<string, readonly number[]>; readonly claims: Claims },
): number | undefined {
  const [position, ...more] = inFile.get(name) ?? [];
  return claims.has(name) || more.length > 0 ? undefined : position;
}

interface Matched {
  readonly contract: Contract;
  readonly positions: ReadonlyMap<string, number>;
  readonly found: ReadonlyMap<string, readonly number[]>;
  readonly claims: Claims;
}

/** Names for the columns of the file; an unknown column never gets the name of a known one. */
function namesOf(header: readonly string[], { contract, positions, found, claims }: Matched): readonly string[] {
  const known = new Map([...positions].map(([name, position]) => [position, name]));
  for (const [called, places] of found)
    for (const place of places) if (!known.has(place)) known.set(place, claims.get(called)?.[0] ?? called);
  return header.map((name, position) => {
    const column = known.get(position);
    if (column !== undefined) return column;
    let extra = name;
    for (let number = 2; contract.columns[extra] !== undefined; number++) extra = `${name} (${number})`;
    return extra;
  });
}

/** What is wrong with the header itself, as violations of the whole file of `rows` rows. */
export function headerViolations(contract: Contract, match: HeaderMatch, rows: number): readonly Violation[] {
  const isFrozen = contract.evolution === 'freeze';
  const isStrict = isFrozen || contract.evolution === 'strict';
  const weight = (isFailing: boolean) =>
    isFailing ? ({ severity: 'fail', ...whole(rows) } as const) : ({ severity: 'warn', rows: 0, share: 0 } as const);
  const hint = match.delimiterHint === undefined ? '' : `; the file looks delimited by ${match.delimiterHint}`;
  return [
    ...match.missing.map((column): Violation => {
      const severity = contract.columns[column]?.alwaysNull === true ? 'warn' : 'fail';
      const called = headerOf(contract, column);
      const inFile = called === column ? '' : `, named ${JSON.stringify(called)} in files,`;
      const sentence = `column ${column}${inFile} is missing${hint}`;
      return { expectation: 'column-present', column, category: 'missing-column', severity, ...whole(rows), sentence };
    }),
    ...match.repeated.map((column): Violation => {
      const sentence = `column ${column} occurs more than once, so it is unclear which is meant`;
      return { expectation: 'column-once', column, category: 'schema', severity: 'fail', ...whole(rows), sentence };
    }),
    ...match.extra.map((name): Violation => {
      const sentence = `column ${name.trim() === '' ? '(without a name)' : name} is not in the contract`;
      const about = { expectation: 'no-extra-column', column: name, category: 'schema' } as const;
      return { ...about, ...weight(isStrict), sentence };
    }),
    ...match.respelled.map(({ file, contract: column }): Violation => {
      const about = { expectation: 'column-spelling', column, category: 'schema' } as const;
      return { ...about, ...weight(isFrozen), sentence: `column ${column} is spelled ${JSON.stringify(file)}` };
    }),
    ...(isFrozen && !isInOrder(contract, match)
      ? [
          {
            expectation: 'column-order',
            category: 'schema',
            ...weight(true),
            sentence: 'the columns are in another order',
          } as const,
        ]
      : []),
  ];
}

function isInOrder(contract: Contract, { positions }: HeaderMatch): boolean {
  const found = Object.keys(contract.columns).flatMap((name) => positions.get(name) ?? []);
  return found.every((position, index) => index === 0 || position > (found[index - 1] ?? 0));
}

function whole(rows: number): { rows: number; share: number } {
  return { rows, share: rows === 0 ? 0 : 1 };
}

function spelling(name: string): string {
  return name.normalize('NFC').trim().toLowerCase();
}

const DELIMITERS = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' } as const;

function hintOf(
  contract: Contract,
  { header, known }: { header: readonly string[]; known: number },
): string | undefined {
  const line = Buffer.from(header.join(contract.delimiter));
  let best = { known, words: undefined as string | undefined };
  for (const [delimiter, words] of Object.entries(DELIMITERS)) {
    if (delimiter === contract.delimiter) continue;
    const names = new Set(fieldsOf(line, delimiter).map(spelling));
    const count = [...claimsOf(contract).keys()].filter((called) => names.has(spelling(called))).length;
    if (count > best.known) best = { known: count, words };
  }
  return best.words;
}
