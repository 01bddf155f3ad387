import { isUtf8 } from 'node:buffer';
import { createDecoder, sniff } from '../scan/encoding.ts';
import type { Reason } from './reason.ts';

/** Letters beyond ASCII by how often the languages of an encoding write them. */
const LETTERS: Readonly<Record<string, string>> = {
  'windows-1252': 'äöüßÄÖÜéèêëàâçùûôîïÉÀÇñáíóúÑåæøÅÆØãõ€°§£',
  'windows-1250': 'ąćęłńóśźżĄĆĘŁŃŚŹŻáčďéěíňřšťúůýžÁČŘŠŽőűŐŰășț',
  'windows-1251': 'абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЕЖЗИКЛМНОПРСТУ№',
  'windows-1253': 'αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώΑΒΓΔΕΗΘΙΚΛΜΝΟΠΣΤ',
};
/** Without a mark, four bytes for each character show as zeros in most places of one or two kinds. */
const ZERO_SHARE = 0.9;

export interface FoundEncoding {
  /** Undefined where a reader finds it itself. */
  readonly encoding?: string;
  readonly text: string;
  readonly reasons: readonly Reason[];
}

/** The encoding of the first bytes of a file, which may end within a character. */
export function findEncoding(start: Buffer, given: string | undefined): FoundEncoding {
  const { encoding: sniffed, markBytes } = sniff(start, given);
  if (given !== undefined || markBytes > 0) {
    const reasons = given === undefined ? [] : [{ setting: 'encoding', because: `${given} was asked for` }];
    return {
      ...(given === undefined ? {} : { encoding: given }),
      text: decodedStart(start.subarray(markBytes), sniffed),
      reasons,
    };
  }
  const wide = maybeWide(start);
  if (wide !== undefined) {
    const because = 'three of four bytes are zero, and there is no byte order mark';
    return { encoding: wide, text: decodedStart(start, wide), reasons: [{ setting: 'encoding', because }] };
  }
  const whole = start.subarray(0, start.lastIndexOf(10) + 1 || start.length);
  if (sniffed !== 'utf-8' || isUtf8(whole)) return { text: decodedStart(start, sniffed), reasons: [] };
  const high = start.filter((byte) => byte > 127);
  const scores = Object.entries(LETTERS).map(([encoding, letters]) => {
    const known = [...new TextDecoder(encoding).decode(high)].filter((letter) => letters.includes(letter)).length;
    return { encoding, known };
  });
  const best = scores.reduce((most, other) => (other.known > most.known ? other : most));
  const because = `the file is not UTF-8, and in ${best.encoding} ${best.known} of ${high.length} bytes above 127 are letters in common use`;
  const { encoding } = best;
  return { encoding, text: decodedStart(start, encoding), reasons: [{ setting: 'encoding', because }] };
}

function maybeWide(start: Buffer): string | undefined {
  const quads = Math.floor(start.length / 4);
  if (quads < 4) return undefined;
  const zeros = [0, 0, 0, 0];
  for (let at = 0; at < quads * 4; at++) if (start[at] === 0) zeros[at % 4] = (zeros[at % 4] ?? 0) + 1;
  const [first = 0, second = 0, third = 0, fourth = 0] = zeros.map((count) => count / quads);
  if (third > ZERO_SHARE && fourth > ZERO_SHARE && first < 0.1) return 'utf-32le';
  return first > ZERO_SHARE && second > ZERO_SHARE && fourth < 0.1 ? 'utf-32be' : undefined;
}

/** What can be decoded, without half a character at the end. */
function decodedStart(bytes: Buffer, encoding: string): string {
  const decode = createDecoder(encoding);
  try {
    return decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
