import { InvalidArgumentError, Option } from 'commander';
import type { FileFormat } from '#contracts';
import { delimiterNamed } from './flags.ts';

/** Reads the value of a setting from its text. */
type Reading = (text: string) => unknown;

const asText: Reading = (text) => text;
const asList: Reading = (text) => (text.startsWith('[') ? listOf(text) : text.split(','));

const READINGS: Readonly<Record<keyof FileFormat, Reading>> = {
  delimiter: delimiterNamed,
  quote: (text) => (text === 'none' ? null : text),
  escape: asText,
  headerRows: asNumber,
  skipLines: asNumber,
  comment: asText,
  hasTrailingDelimiter: asTruth,
  blanks: asText,
  encoding: asText,
  nulls: asList,
  decimal: asText,
  thousands: asText,
  dates: asList,
  timestamps: asList,
  booleans: asWords,
};
const SETTINGS = Object.keys(READINGS);

/** `--format`, once for each setting. */
export const formatOption = (): Option =>
  new Option(
    '--format <setting=value>',
    "how the file is written, as a setting of a contract's format: --format skipLines=2 --format dates=dd.MM.yyyy; again for each setting",
  ).argParser(readSetting);

function readSetting(text: string, earlier: FileFormat | undefined): FileFormat {
  const { setting = '', value } = /^(?<setting>\w+)(?:=(?<value>[\s\S]*))?$/.exec(text)?.groups ?? {};
  const read = Object.entries(READINGS).find(([name]) => name === setting)?.[1];
  if (read === undefined)
    throw new InvalidArgumentError(
      `Expected <setting>=<value>, a setting being ${SETTINGS.join(', ')}; got "${text}".`,
    );
  if (earlier !== undefined && setting in earlier)
    throw new InvalidArgumentError(`Expected ${setting} once; got it again with "${text}".`);
  if (value === undefined || value === '')
    throw new InvalidArgumentError(`Expected a value behind ${setting}=, as in ${exampleOf(setting)}; got "${text}".`);
  // Settings are looked at together once the contract is known.
  return { ...earlier, [setting]: read(value) } as FileFormat;
}

function exampleOf(setting: string): string {
  const examples: Readonly<Record<string, string>> = {
    ...{ delimiter: '^', quote: 'none', escape: 'backslash', headerRows: '2', skipLines: '3', comment: '#' },
    ...{ hasTrailingDelimiter: 'true', blanks: 'trimmed', encoding: 'windows-1252', nulls: 'NA,-', decimal: '","' },
    ...{ thousands: '.', dates: 'dd.MM.yyyy', timestamps: "'dd.MM.yyyy HH:mm'", booleans: 'yes/no' },
  };
  return `${setting}=${examples[setting] ?? ''}`;
}

function asNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`Expected a whole number; got "${text}".`);
}

function asTruth(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new InvalidArgumentError(`Expected true or false; got "${text}".`);
}

/** `yes/no`, or several words for each: `yes,y/no,n`. */
function asWords(text: string): FileFormat['booleans'] {
  const [yes, no, ...more] = text.split('/');
  if (yes !== undefined && no !== undefined && more.length === 0) return { true: yes.split(','), false: no.split(',') };
  throw new InvalidArgumentError(`Expected the words for true and false, as in yes/no or yes,y/no,n; got "${text}".`);
}

/** A list in JSON, for texts with commas. */
function listOf(text: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list)) return list;
  } catch {
    // What is no JSON is no list either.
  }
  throw new InvalidArgumentError(
    `Expected texts with commas between them, or a list in JSON such as ["a,b"]; got "${text}".`,
  );
}
