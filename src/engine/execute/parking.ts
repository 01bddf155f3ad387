/** Ends an attempt that is to start again later, whatever the task catches. */
export class ParkSignal extends Error {
  override readonly name = 'ParkSignal';
}

const OVER = new ParkSignal('This attempt is over.');

/** Whether an attempt may still ask for goals. An abort signal could say so, at half the cost of a task that does nothing. */
export class Parking {
  #end: ParkSignal | undefined;
  #onEnd: (signal: ParkSignal) => void = () => undefined;

  /** The first end stands. */
  end(signal: ParkSignal = OVER): void {
    if (this.#end !== undefined) return;
    this.#end = signal;
    this.#onEnd(signal);
  }

  throwIfEnded(): void {
    if (this.#end !== undefined) throw this.#end;
  }

  /** One listener, called at once when the end was before it. */
  whenEnded(callback: (signal: ParkSignal) => void): void {
    this.#onEnd = callback;
    if (this.#end !== undefined) callback(this.#end);
  }
}
