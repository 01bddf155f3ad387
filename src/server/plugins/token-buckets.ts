export interface BucketOptions {
  /** How many a bucket holds, and how many it gets back in a minute. */
  readonly perMinute: number;
}

/** What is left in a bucket. */
export interface Taken {
  readonly isWithin: boolean;
  readonly remaining: number;
  /** When one more can be taken. */
  readonly waitSeconds: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

const MINUTE_MS = 60_000;
/** Buckets that are kept; beyond, the one that was used longest ago is full again. */
const BUCKETS_MAX = 10_000;

/** A bucket for each name, from which requests take one each. Bounded, whoever comes. */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #perMinute: number;
  readonly #now: () => number;

  constructor({ perMinute }: BucketOptions, now: () => number = () => performance.now()) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** Takes one, if there is one. */
  take(name: string): Taken {
    const bucket = this.#refilled(name);
    if (bucket.tokens >= 1) bucket.tokens -= 1;
    else return { ...this.#describe(bucket), isWithin: false };
    return { ...this.#describe(bucket), isWithin: true };
  }

  /** What is left, without taking one. */
  look(name: string): Taken {
    const bucket = this.#refilled(name);
    return { ...this.#describe(bucket), isWithin: bucket.tokens >= 1 };
  }

  #refilled(name: string): Bucket {
    const nowMs = this.#now();
    const known = this.#buckets.get(name) ?? { tokens: this.#perMinute, atMs: nowMs };
    const refill = ((nowMs - known.atMs) / MINUTE_MS) * this.#perMinute;
    const bucket = { tokens: Math.min(this.#perMinute, known.tokens + refill), atMs: nowMs };
    // Last in the order of a map is what was used last.
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > BUCKETS_MAX && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket;
  }

  #describe({ tokens }: Bucket): Omit<Taken, 'isWithin'> {
    const missing = Math.max(0, 1 - tokens);
    return { remaining: Math.floor(tokens), waitSeconds: Math.ceil((missing / this.#perMinute) * (MINUTE_MS / 1000)) };
  }
}
