import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What is done to one row in a hundred, each kind about equally often. */
export const KINDS = [
  'too-few-fields',
  'too-many-fields',
  'text-after-quote',
  'unterminated-quote',
  'missing-value',
  'unknown-category',
  'out-of-range',
  'not-a-number',
  'duplicate-key',
] as const;
export type Kind = (typeof KINDS)[number];

/** A generated file and what is wrong in it, as known from its making. */
export interface GeneratedFile {
  readonly path: string;
  readonly rows: number;
  readonly sizeBytes: number;
  readonly digest: string;
  readonly errors: Readonly<Record<Kind, number>>;
  /** Rows with an error of each kind, counted from 1; only of files small enough to be compared row by row. */
  readonly errorRows?: Readonly<Record<Kind, readonly number[]>>;
}

export interface DataOptions {
  readonly rows: number;
  readonly folder: string;
  /** Share of broken rows, 0 to 1; 0.01 unless said. */
  readonly share?: number;
  /** Kinds left out, for peers that cannot read a file that has them. */
  readonly without?: readonly Kind[];
  readonly seed?: number;
}

const HEADER = 'id,age,sex,class,fare,country,ts\n';
const SEXES = ['male', 'female'];
const CLASSES = ['first', 'second', 'third'];
const COUNTRIES = ['FR', 'DE', 'US', 'GB', 'IT', 'ES', '"Korea, Republic of"', 'JP', 'BR', 'CN'];
const STARTED_MS = Date.UTC(2026, 0, 1);
const BLOCK_CHARS = 4 << 20;
/** Above this many rows nobody compares row by row. */
const ROWS_COMPARED_MAX = 100_000;
/** Part of the name, so that files made by an earlier version of this generator are not taken for today's. */
const VERSION = 1;

/** Makes the file, or finds it where an earlier run made it. */
export async function generateCsv(options: DataOptions): Promise<GeneratedFile> {
  const { rows, folder, share = 0.01, without = [], seed = 12_345 } = options;
  const kinds = KINDS.filter((kind) => !without.includes(kind));
  const name = [`people-v${VERSION}`, rows, share, seed, ...(without.length > 0 ? ['without', ...without] : [])];
  const file = path.join(folder, `${name.join('-')}.csv`);
  const facts = `${file}.json`;
  // The facts are written last: where they are, the file is whole.
  if (existsSync(facts)) return { ...JSON.parse(await readFile(facts, 'utf8')), path: file };
  await mkdir(folder, { recursive: true });
  const made = await write(`${file}.part`, new Rows({ rows, share, seed, kinds }));
  await rename(`${file}.part`, file);
  const generated = { path: file, rows, ...made };
  await writeFile(facts, JSON.stringify(generated));
  return generated;
}

async function write(file: string, rows: Rows): Promise<Omit<GeneratedFile, 'path' | 'rows'>> {
  const handle = await open(file, 'w');
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const put = async (text: string): Promise<void> => {
    // The text is ASCII, and latin1 is the quickest way from text to bytes.
    const bytes = Buffer.from(text, 'latin1');
    hash.update(bytes);
    sizeBytes += bytes.length;
    await handle.writeFile(bytes);
  };
  try {
    let block = HEADER;
    while (!rows.isAtEnd) {
      block += rows.next();
      if (block.length < BLOCK_CHARS) continue;
      await put(block);
      block = '';
    }
    await put(block);
  } finally {
    await handle.close();
  }
  return { sizeBytes, digest: hash.digest('hex'), ...rows.told() };
}

/** Rows of the file one after the other; all chance follows from the seed. */
class Rows {
  readonly #rows: number;
  readonly #share: number;
  readonly #kinds: readonly Kind[];
  readonly #errors = Object.fromEntries(KINDS.map((kind) => [kind, [] as number[]])) as Record<Kind, number[]>;
  readonly #counts = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>;
  /** Numbers of rows whose own key is in the file and readable, so that repeating it is an error. */
  readonly #sound: number[] = [];
  #state: number;
  #row = 0;

  constructor({ rows, share, seed, kinds }: { rows: number; share: number; seed: number; kinds: readonly Kind[] }) {
    this.#rows = rows;
    this.#share = share;
    this.#kinds = kinds;
    this.#state = seed >>> 0;
  }

  get isAtEnd(): boolean {
    return this.#row >= this.#rows;
  }

  told(): Pick<GeneratedFile, 'errors' | 'errorRows'> {
    return { errors: this.#counts, ...(this.#rows <= ROWS_COMPARED_MAX ? { errorRows: this.#errors } : {}) };
  }

  next(): string {
    this.#row++;
    const fields = this.#fields();
    if (this.#chance() >= this.#share) {
      // A sample of earlier keys is enough, and 20 million would be too many.
      if (this.#sound.length < ROWS_COMPARED_MAX) this.#sound.push(this.#row);
      return `${fields.join(',')}\n`;
    }
    const kind = this.#pick(this.#kinds);
    if (kind === 'duplicate-key' && this.#sound.length === 0) return `${fields.join(',')}\n`;
    this.#counts[kind]++;
    if (this.#rows <= ROWS_COMPARED_MAX) this.#errors[kind].push(this.#row);
    return `${this.#broken(kind, fields).join(',')}\n`;
  }

  #fields(): string[] {
    const age = `${this.#below(80)}${this.#chance() < 0.1 ? '.5' : ''}`;
    const fare = (this.#chance() * 500).toFixed(2);
    const ts = new Date(STARTED_MS + this.#row * 1000).toISOString().slice(0, 19);
    return [String(this.#row), age, this.#pick(SEXES), this.#pick(CLASSES), fare, this.#pick(COUNTRIES), ts];
  }

  #broken(kind: Kind, fields: readonly string[]): readonly string[] {
    const other = this.#chance() < 0.5;
    switch (kind) {
      case 'too-few-fields':
        return fields.slice(0, -1);
      case 'too-many-fields':
        return [...fields, 'extra', 'more'];
      case 'text-after-quote':
        return fields.with(5, '"F"R"');
      case 'unterminated-quote':
        return fields.with(5, '"FR');
      case 'missing-value':
        return fields.with(other ? 1 : 2, '');
      case 'unknown-category':
        return other ? fields.with(2, 'unknown') : fields.with(3, 'fourth');
      case 'out-of-range':
        return other ? fields.with(1, '-5') : fields.with(4, '99999.00');
      case 'not-a-number':
        return other ? fields.with(1, 'abc') : fields.with(4, '12x5');
      case 'duplicate-key':
        return fields.with(0, String(this.#pick(this.#sound)));
      default:
        return kind satisfies never;
    }
  }

  /** xorshift32: the same numbers on every machine. */
  #chance(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state / 2 ** 32;
  }

  #below(limit: number): number {
    return Math.floor(this.#chance() * limit);
  }

  #pick<T>(items: readonly T[]): T {
    // The index is below the length of a list that is never empty here.
    return items[this.#below(items.length)] as T;
  }
}
