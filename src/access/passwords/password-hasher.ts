import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** What one hash costs, in the terms of scrypt: it takes 128·n·r bytes and p passes over them. */
export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** One of the equal choices of the OWASP Password Storage Cheat Sheet: 64 MB, about half a second of one processor. */
const COST: ScryptCost = { n: 2 ** 16, r: 8, p: 2 };
/** Together they take two of the four threads that Node has for files and hashes, and 128 MB. */
const AT_ONCE_MAX = 2;
/** Beyond this many a login would wait more than some ten seconds. */
const WAITING_MAX = 40;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** No stored hash asks for more memory than this. */
const MEMORY_BYTES_MAX = 256 * 1024 * 1024;

/** outdated: right, and stored with another cost than the present one, so it should be hashed again. */
export type PasswordVerdict = 'right' | 'outdated' | 'wrong';

export interface PasswordHasherOptions {
  readonly cost?: ScryptCost;
  readonly atOnceMax?: number;
  readonly waitingMax?: number;
}

/**
 * Hashes and verifies passwords with scrypt. The cost stands in each hash (`$scrypt$ln=16,r=8,p=2$salt$hash`), so it can
 * be raised later. Few hashes run at once, and few wait: logins can exhaust neither memory nor threads of the process.
 */
export class PasswordHasher {
  readonly #cost: ScryptCost;
  readonly #atOnceMax: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  readonly #absent: StoredHash;
  #running = 0;

  constructor({ cost = COST, atOnceMax = AT_ONCE_MAX, waitingMax = WAITING_MAX }: PasswordHasherOptions = {}) {
    this.#cost = cost;
    this.#atOnceMax = atOnceMax;
    this.#waitingMax = waitingMax;
    this.#absent = { cost, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
  }

  /** Whether so many wait already that one more would be refused. */
  get isBusy(): boolean {
    return this.#waiting.length >= this.#waitingMax;
  }

  /** The hash to store. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    return toText({ cost: this.#cost, salt, hash: await this.#derive(password, { cost: this.#cost, salt }) });
  }

  /** Without a stored hash, as of a user who does not exist, it takes as long and says `wrong`. */
  async verify(password: string, stored: string | undefined): Promise<PasswordVerdict> {
    const known = stored === undefined ? undefined : parse(stored);
    const against = known ?? this.#absent;
    const isEqual = timingSafeEqual(await this.#derive(password, against), against.hash);
    if (!isEqual || known === undefined) return 'wrong';
    const { n, r, p } = this.#cost;
    return known.cost.n === n && known.cost.r === r && known.cost.p === p ? 'right' : 'outdated';
  }

  async #derive(password: string, { cost, salt }: Pick<StoredHash, 'cost' | 'salt'>): Promise<Buffer> {
    await this.#begin();
    try {
      return await derive(password, { cost, salt });
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #begin(): Promise<void> {
    // The one that ends calls the next before anybody else can begin, so the order is kept.
    if (this.#running >= this.#atOnceMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
  }
}

interface StoredHash {
  readonly cost: ScryptCost;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

function derive(password: string, { cost: { n, r, p }, salt }: Pick<StoredHash, 'cost' | 'salt'>): Promise<Buffer> {
  // The same characters can be typed as different code points.
  const typed = password.normalize('NFKC');
  return new Promise((resolve, reject) => {
    // OpenSSL counts some memory beside that of the algorithm.
    const options = { N: n, r, p, maxmem: 2 * 128 * n * r };
    scrypt(typed, salt, HASH_BYTES, options, (error, hash) => (error === null ? resolve(hash) : reject(error)));
  });
}

function toText({ cost: { n, r, p }, salt, hash }: StoredHash): string {
  return `$scrypt$ln=${Math.log2(n)},r=${r},p=${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

function parse(text: string): StoredHash {
  const [, ln, r, p, salt = '', hash = ''] =
    /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]+)\$([\w-]+)$/.exec(text) ?? [];
  const cost = { n: 2 ** Number(ln), r: Number(r), p: Number(p) };
  const stored = { cost, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') };
  if (stored.hash.length === HASH_BYTES && 128 * cost.n * cost.r <= MEMORY_BYTES_MAX) return stored;
  throw new Error('Expected a hash of scrypt in the column password_hash; got something else. Reset the user.');
}
