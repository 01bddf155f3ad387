/** The files of a contract have few headers. */
const KEPT_MAX = 4;

/** What was derived from contracts for files of some kind: the next file of a contract mostly is of the same. */
export class Remembered<Derived> {
  readonly #byContract = new WeakMap<object, Map<string, Derived>>();

  /** What was derived from this contract before, or what `derive` makes of it; `of` says for which files it is. */
  get(contract: object, of: readonly unknown[], derive: () => Derived): Derived {
    const known = this.#byContract.get(contract) ?? new Map<string, Derived>();
    this.#byContract.set(contract, known);
    const key = JSON.stringify(of);
    const found = known.get(key);
    if (found !== undefined) return found;
    const derived = derive();
    const [oldest] = known.size < KEPT_MAX ? [] : known.keys();
    if (oldest !== undefined) known.delete(oldest);
    known.set(key, derived);
    return derived;
  }
}
