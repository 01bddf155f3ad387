/** Characters of rows that are sent together, as far as they are there. */
const BLOCK_CHARACTERS = 64 * 1024;
/** Turns within which a row that is there has come through generators and readers. */
const TURNS_MAX = 16;

/** A row that is asked for. */
interface Coming<T> {
  readonly row: Promise<IteratorResult<T>>;
  isThere: boolean;
}

/** Rows as the body of a request: they are taken when it is sent on, and no earlier. */
export class RowSource<T> {
  readonly #iterator: AsyncIterator<T> | Iterator<T>;
  /** The next row, while it is waited for. */
  #next: Coming<T> | undefined;
  #isClosed = false;
  /** What the rows failed with. */
  failure: { readonly error: unknown } | undefined;

  constructor(rows: AsyncIterable<T> | Iterable<T>) {
    this.#iterator = Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]();
  }

  /** Lines of JSON. `onFirst` is called before the first of them is sent. */
  toBody(onFirst: () => void): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    let isFirst = true;
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      const { text, isEnd } = await this.#block();
      if (isFirst) onFirst();
      isFirst = false;
      if (text !== '') controller.enqueue(encoder.encode(text));
      if (isEnd) controller.close();
    };
    // Nothing is taken ahead of the request, which has a buffer of its own.
    return new ReadableStream({ pull, cancel: () => this.close() }, { highWaterMark: 0 });
  }

  /** Takes no more rows. Does not wait for one that is on its way, which may never come. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const closing = async (): Promise<unknown> => this.#iterator.return?.();
    // Nobody is left who could do something about it.
    closing().catch(() => undefined);
  }

  /** Rows that are there, at least one; it does not wait for more of them. */
  async #block(): Promise<{ readonly text: string; readonly isEnd: boolean }> {
    let text = '';
    while (text.length < BLOCK_CHARACTERS) {
      this.#next ??= this.#ask();
      if (text !== '' && !(await isSoonThere(this.#next))) break;
      const { done, value } = await this.#next.row;
      this.#next = undefined;
      if (done === true) return { text, isEnd: true };
      text += `${JSON.stringify(value)}\n`;
    }
    return { text, isEnd: false };
  }

  #ask(): Coming<T> {
    const coming: Coming<T> = { row: this.#take(), isThere: false };
    const note = (): void => {
      coming.isThere = true;
    };
    coming.row.then(note, note);
    return coming;
  }

  async #take(): Promise<IteratorResult<T>> {
    try {
      return await this.#iterator.next();
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}

/** Not by a timer: where rows are there all the time, none would ever run. */
async function isSoonThere(coming: Coming<unknown>): Promise<boolean> {
  for (let turn = 0; turn < TURNS_MAX && !coming.isThere; turn += 1) await undefined;
  return coming.isThere;
}
