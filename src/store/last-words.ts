import { ADDRESS_LENGTH_MAX, withoutCredentials } from './credentials.ts';

/** The last output of a process, for an error about its end: bounded, and without the secrets of URLs. */
export class LastWords {
  readonly #lengthMax: number;
  #text = '';
  #isCut = false;

  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  add(text: string): void {
    const all = this.#text + text;
    // More than is shown, because a URL that starts earlier must be recognised as a whole.
    this.#text = all.slice(-(this.#lengthMax + ADDRESS_LENGTH_MAX));
    this.#isCut ||= this.#text.length < all.length;
  }

  /** The text to show. The rest of a line without its start may be part of a password, and is removed. */
  read(): string {
    const end = this.#isCut ? this.#text.slice(0, ADDRESS_LENGTH_MAX).indexOf('\n') : -1;
    const shown = withoutCredentials(this.#text.slice(end + 1));
    const begin = this.#isCut && end === -1 ? ADDRESS_LENGTH_MAX : 0;
    return shown.slice(begin).slice(-this.#lengthMax).trim();
  }
}
