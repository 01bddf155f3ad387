import type { Fault } from './record-scanner.ts';
import { UndecodableError } from './undecodable-error.ts';

/** What is wrong with a rejected record, and what to do where that is not plain. */
export const FAULTS_IN_WORDS: Readonly<Record<Fault, string>> = {
  'unterminated-quote': 'a quote is opened and never closed',
  'text-after-quote': 'text follows a closing quote',
  'too-few-fields': 'a record has fewer fields than the header',
  'too-many-fields': 'a record has more fields than the header',
  'stray-carriage-return': 'a record holds a carriage return',
  'nul-byte': 'a record holds a NUL byte',
  'invalid-utf-8':
    'a record is not valid UTF-8: save the file as UTF-8, or convert it, for example with iconv -f latin1 -t utf-8',
  'record-too-long': 'a record is longer than the limit',
  'not-a-json-object': 'a line is not a JSON object',
  'repeated-field': 'an object names a field twice, so it is unclear which is meant',
};

/** Refuses a file whose header has a fault: otherwise the first row of data would be read as the header. */
export function assertHeader(hasHeader: boolean, fault: Fault): void {
  if (!hasHeader) throw new UndecodableError(`The first line cannot be read as a header: ${FAULTS_IN_WORDS[fault]}.`);
}
