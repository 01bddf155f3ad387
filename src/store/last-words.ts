import { ADDRESS_LENGTH_MAX, withoutCredentials } from './credentials.ts';

/** The last of what a process printed, for an error about its end: bounded, and without the secrets of addresses. */
export class LastWords {
  readonly #lengthMax: number;
  #text = '';
  #isCut = false;

  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  add(text: string): void {
    const all = this.#text + text;
    // More than is shown: an address that begins before what is shown must be seen as a whole.
    this.#text = all.slice(-(this.#lengthMax + ADDRESS_LENGTH_MAX));
    this.#isCut ||= this.#text.length < all.length;
  }

  /** What may be shown. The rest of a line whose beginning is gone may be that of a password, and goes too. */
  read(): string {
    const end = this.#isCut ? this.#text.slice(0, ADDRESS_LENGTH_MAX).indexOf('\n') : -1;
    const shown = withoutCredentials(this.#text.slice(end + 1));
    const begin = this.#isCut && end === -1 ? ADDRESS_LENGTH_MAX : 0;
    return shown.slice(begin).slice(-this.#lengthMax).trim();
  }
}
