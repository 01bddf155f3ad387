import type { Delimiter } from '../scan/delimiters.ts';
import { KNOWN_DELIMITERS } from '../scan/delimiters.ts';
import { fieldsOf } from '../scan/fields.ts';
import { Remembered } from './remembered.ts';
import { hasSensitive } from './sensitive.ts';

/** What of a contract the names in a file are compared with. */
export interface NamedColumns {
  readonly columns: {
    readonly [name: string]: {
      readonly header?: string | undefined;
      readonly label?: string | undefined;
      readonly sensitive?: boolean | undefined;
    };
  };
}

/** How the names in a file's first line match those of the contract. */
export interface HeaderMatch {
  /** Names for the canonical file: the contract's spelling where a name is known. */
  readonly names: readonly string[];
  /** Position in the file of each column that was found without ambiguity. */
  readonly positions: ReadonlyMap<string, number>;
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  readonly repeated: readonly string[];
  /** Names accepted as a column though spelled a little differently: case, spaces, `_`, `-`, Unicode form; or its label. */
  readonly respelled: readonly { readonly file: string; readonly contract: string }[];
}

/**
 * Which columns the file has. A column is looked for by its `header`, then by its own name, which good rows have, then
 * by a spelling close to its header or its label. Columns with the same header match as many columns of the file, in the contract's
 * order.
 */
export function matchHeader(contract: NamedColumns, header: readonly string[]): HeaderMatch {
  return matches.get(contract, header, () => matched(contract, header));
}

const matches = new Remembered<HeaderMatch>();

function matched(contract: NamedColumns, header: readonly string[]): HeaderMatch {
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
  };
}

/** The name of a contract's column in files. */
export function headerOf({ columns }: NamedColumns, name: string): string {
  return columns[name]?.header ?? name;
}

/**
 * What an unknown column is called. In a file without a header the first row is taken for one, so where a column is
 * sensitive the names that the contract does not know may be values.
 */
export function shownName(
  name: string,
  { position, contract }: { readonly position: number; readonly contract: NamedColumns },
): string {
  return hasSensitive(contract) ? `number ${position + 1}` : name;
}

/** The columns of the contract by their names in files. */
type Claims = ReadonlyMap<string, readonly string[]>;

function claimsOf(contract: NamedColumns): Claims {
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
  { columns, claims }: NamedColumns & { readonly claims: Claims },
): readonly (string | undefined)[] {
  const inFile = new Set(header);
  const bySpelling = spellingsOf(columns, new Set([...claims.keys()].filter((called) => !inFile.has(called))));
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

/** The headers by their spellings and by those of their labels; what would mean two of them means neither. */
function spellingsOf(columns: NamedColumns['columns'], headers: ReadonlySet<string>): ReadonlyMap<string, string> {
  const labels = Object.entries(columns).flatMap(([name, { label = name, header = name }]) =>
    headers.has(header) ? [name, label].map((each) => [spelling(each), header] as const) : [],
  );
  // A header means more than a name or a label.
  return new Map([...unambiguous(labels), ...unambiguous([...headers].map((called) => [spelling(called), called]))]);
}

function unambiguous(entries: readonly (readonly [spelled: string, called: string])[]): ReadonlyMap<string, string> {
  const all = new Map<string, Set<string>>();
  for (const [spelled, called] of entries) all.set(spelled, (all.get(spelled) ?? new Set()).add(called));
  return new Map([...all].flatMap(([spelled, [called = '', ...more]]) => (more.length > 0 ? [] : [[spelled, called]])));
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
  readonly contract: NamedColumns;
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

/** The comparable form of a name: `Cabin Class`, `cabin_class` and `cabin-class` are the same name to people. */
export function spelling(name: string): string {
  const plain = name.normalize('NFC').trim().toLowerCase();
  return plain.replace(/[\s_-]/g, '') || plain;
}

/**
 * The delimiter of a file by its first line: that of the contract, unless the line has more of the contract's columns
 * when it is read with another.
 */
export function delimiterByNames(contract: NamedColumns & { readonly delimiter: Delimiter }, line: string): Delimiter {
  const headers = Object.keys(contract.columns).map((name) => [spelling(headerOf(contract, name)), spelling(name)]);
  const known = (delimiter: Delimiter): number => {
    const names = new Set(fieldsOf(line, delimiter).map(spelling));
    return headers.filter((spellings) => spellings.some((each) => names.has(each))).length;
  };
  return KNOWN_DELIMITERS.reduce((best, other) => (known(other) > known(best) ? other : best), contract.delimiter);
}
