import { type OpenPlace, type Sink, SinkFencedError, type SinkMarker, type SinkOwner, type SinkPlace } from '#engine';

/** Adds one row; it is in memory until the store is flushed. */
export type AddRow = (row: string) => void;

interface DurableMarker extends SinkMarker {
  readonly token: string;
  readonly origin: string;
}

/**
 * A store that buffers, as search engines, object stores with multipart uploads and time series databases do: what was
 * written is lost in a crash unless it was flushed. An example of a sink without transactions: one writer at a time, the
 * former marker taken away before the first row is replaced, the new one set after the flush.
 */
export class BufferedStore {
  readonly #rows = new Map<string, readonly string[]>();
  readonly #markers = new Map<string, DurableMarker>();
  readonly #turns = new Map<string, Promise<unknown>>();
  #epoch = 0;
  /** Called at each step, so that tests can let it crash there. */
  onStep: (step: 'open' | 'flush' | 'mark') => void = () => undefined;

  /** Loses every buffer; what still writes to one is refused. */
  crash(): void {
    this.#epoch++;
    this.#turns.clear();
  }

  read(place: SinkPlace): readonly string[] {
    return this.#rows.get(nameOf(place)) ?? [];
  }

  sink(name: string): Sink<AddRow> {
    return {
      name,
      replace: (owner, work) => this.#inTurn(owner, () => this.#open(name, owner, work)),
      markers: async (places) => places.map((place) => toMarker(this.#markers.get(nameOf(place)))),
    };
  }

  async #open<T>(sink: string, owner: SinkOwner, work: (place: OpenPlace<AddRow>) => Promise<T>): Promise<T> {
    const [name, epoch] = [nameOf(owner), this.#epoch];
    const assertAlive = (): void => {
      if (epoch !== this.#epoch) throw new Error('The store crashed.');
    };
    const former = this.#markers.get(name);
    if (former?.origin === owner.origin && BigInt(former.token) > BigInt(owner.token))
      throw new SinkFencedError(sink, { token: owner.token, newer: former.token });
    const buffer: string[] = [];
    this.onStep('open');
    const result = await work({
      writer: (row) => {
        assertAlive();
        buffer.push(row);
      },
      flush: async () => {
        this.onStep('flush');
        assertAlive();
        this.#markers.delete(name);
        this.#rows.set(name, [...buffer]);
      },
      mark: async (rowCount) => {
        this.onStep('mark');
        assertAlive();
        this.#markers.set(name, { key: owner.key, token: owner.token, origin: owner.origin, rowCount });
      },
    });
    assertAlive();
    return result;
  }

  /** One writer at a time for each place. */
  async #inTurn<T>(place: SinkPlace, work: () => Promise<T>): Promise<T> {
    const name = nameOf(place);
    const before = this.#turns.get(name);
    const turn = (async () => {
      await before?.catch(() => undefined);
      return work();
    })();
    this.#turns.set(name, turn);
    return turn;
  }
}

const nameOf = ({ goal, output }: SinkPlace): string => JSON.stringify([goal, output]);
const toMarker = (marker: DurableMarker | undefined): SinkMarker | undefined =>
  marker === undefined ? undefined : { key: marker.key, rowCount: marker.rowCount };
