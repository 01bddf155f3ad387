/** Attempts that cost nothing: people mistype. */
const FREE_ATTEMPTS = 5;
const FIRST_WAIT_MS = 1_000;
/** An account never waits longer, so that strangers who fail on purpose cannot keep its user out. */
const ACCOUNT_WAIT_MAX_MS = 60_000;
const ADDRESS_WAIT_MAX_MS = 15 * 60_000;
/** An address serves many people, behind a proxy or a company's network. */
const ADDRESS_FREE_ATTEMPTS = 20;
const FORGOTTEN_AFTER_MS = 24 * 3_600_000;
const REMEMBERED_MAX = 20_000;

interface Attempts {
  count: number;
  lastAt: number;
  waitsUntil: number;
}

interface Bounds {
  readonly free: number;
  readonly waitMaxMs: number;
}

export interface LoginAttempt {
  /** The name that was given, whether or not there is such a user. */
  readonly account: string;
  readonly address: string;
}

/**
 * Slows down guessing of passwords, per account and per address: beyond some attempts each failure doubles the wait,
 * up to a bound. An attempt counts when it begins, so that many at once are no way around; one that is told to wait does not.
 */
export class LoginThrottle {
  readonly #accounts = new Waits({ free: FREE_ATTEMPTS, waitMaxMs: ACCOUNT_WAIT_MAX_MS });
  readonly #addresses = new Waits({ free: ADDRESS_FREE_ATTEMPTS, waitMaxMs: ADDRESS_WAIT_MAX_MS });

  /** Counts an attempt; or, if it comes too early, says how long to wait. */
  begin({ account, address }: LoginAttempt, now: number): number {
    const from = toNetwork(address);
    const name = toKey(account);
    const waitMs = Math.max(this.#addresses.waitMs(from, now), this.#accounts.waitMs(name, now));
    if (waitMs > 0) return waitMs;
    this.#addresses.count(from, now);
    this.#accounts.count(name, now);
    return 0;
  }

  /** Forgets the failures of the account. Those of the address stay: an attacker may have an account of their own. */
  succeed({ account, address }: LoginAttempt): void {
    this.#accounts.forget(toKey(account));
    this.#addresses.takeBack(toNetwork(address));
  }
}

const toKey = (account: string): string => account.normalize('NFKC').trim().toLowerCase();

/** Somebody with IPv6 has a whole network of addresses. */
function toNetwork(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  return plain.includes(':') ? `${expand(plain).slice(0, 4).join(':')}::/64` : plain;
}

function expand(address: string): readonly string[] {
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));
  const zeros = Array.from({ length: Math.max(0, 8 - groups(head).length - groups(tail).length) }, () => '0');
  return address.includes('::') ? [...groups(head), ...zeros, ...groups(tail)] : groups(head);
}

class Waits {
  readonly #bounds: Bounds;
  readonly #byKey = new Map<string, Attempts>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  waitMs(key: string, now: number): number {
    return Math.max(0, (this.#byKey.get(key)?.waitsUntil ?? 0) - now);
  }

  count(key: string, now: number): void {
    const known = this.#byKey.get(key);
    const count = (known === undefined || now - known.lastAt > FORGOTTEN_AFTER_MS ? 0 : known.count) + 1;
    const over = count - this.#bounds.free;
    const waitMs = over < 0 ? 0 : Math.min(FIRST_WAIT_MS * 2 ** Math.min(over, 30), this.#bounds.waitMaxMs);
    // Set again, so that the map is in the order of the last attempts.
    this.#byKey.delete(key);
    if (this.#byKey.size >= REMEMBERED_MAX) this.#drop(now);
    this.#byKey.set(key, { count, lastAt: now, waitsUntil: now + waitMs });
  }

  takeBack(key: string): void {
    const known = this.#byKey.get(key);
    if (known === undefined) return;
    known.count--;
    if (known.count < this.#bounds.free) known.waitsUntil = 0;
  }

  forget(key: string): void {
    this.#byKey.delete(key);
  }

  /** Drops the oldest that waits for nothing; if all wait, the oldest. */
  #drop(now: number): void {
    const [oldest] = this.#byKey.keys();
    const idle = [...this.#byKey].find(([, { waitsUntil }]) => waitsUntil <= now)?.[0];
    const dropped = idle ?? oldest;
    if (dropped !== undefined) this.#byKey.delete(dropped);
  }
}
