import { type CheckResult, type Criticality, exampleText, type Violation } from '#contracts';
import { MonitorError } from '../errors.ts';

export interface AlertFact {
  readonly title: string;
  readonly value: string;
}

/** The content of an alert: plain text, for every channel. */
export interface Alert {
  /** The same key is the same alert: it is raised once, however often it is repeated. */
  readonly dedupeKey: string;
  readonly kind: string;
  readonly criticality: Criticality;
  readonly title: string;
  readonly summary: string;
  readonly facts: readonly AlertFact[];
  /** Absolute, because it is read outside the web app. */
  readonly link: string | null;
  /** Whether a problem began or ended; `firing` unless given. */
  readonly state?: 'firing' | 'resolved';
  /** Shared by the alert of a problem and the one of its end; the dedupe key unless given. */
  readonly incidentKey?: string;
  /** The alert rule that fired. */
  readonly ruleName?: string;
  /** The group of rules that it belongs to. */
  readonly group?: string;
  /** The run that it is about. */
  readonly runId?: string;
}

export interface AlertOptions {
  readonly dedupeKey: string;
  /** The address of the report: absolute, or a path below `baseUrl`. */
  readonly link: string;
  readonly baseUrl?: string;
}

const VIOLATIONS_MAX = 10;
/** Examples of each violation; the report has all. */
const EXAMPLES_MAX = 3;
const EXAMPLE_LENGTH_MAX = 120;
const NAME_LENGTH_MAX = 120;
const SENTENCE_LENGTH_MAX = 300;
const ELLIPSIS = '…';

/** The alert of a checked file, or undefined when nothing is wrong with it. */
export function alertOf(result: CheckResult, { dedupeKey, link, baseUrl }: AlertOptions): Alert | undefined {
  const { criticality, verdict } = result;
  if (criticality === undefined) return undefined;
  const file = oneLine(result.file, NAME_LENGTH_MAX);
  return {
    dedupeKey,
    kind: 'data-quality',
    criticality,
    title: verdict === 'quarantined' ? `Quarantined: ${file}` : `Data problems in ${file}`,
    summary: summaryOf(result),
    facts: [
      { title: 'Criticality', value: criticality },
      { title: 'Rows', value: rowsText(result) },
      { title: 'Verdict', value: verdict },
      { title: 'Contract', value: oneLine(result.contract, NAME_LENGTH_MAX) },
    ],
    link: absoluteLink(link, baseUrl),
  };
}

function rowsText({ verdict, rows }: CheckResult): string {
  if (verdict === 'quarantined') return 'not counted: the file is kept whole, and none of its rows is used';
  return `${rows.in} total, ${rows.good} valid, ${rows.bad} invalid, ${rows.rejected} unreadable`;
}

function summaryOf({ summary, violations }: CheckResult): string {
  const worstFirst = [...violations].sort((one, other) => weight(other) - weight(one) || other.rows - one.rows);
  const lines = worstFirst.slice(0, VIOLATIONS_MAX).map(violationLine);
  const left = violations.length - lines.length;
  const more = left > 0 ? [`- and ${left} more in the report`] : [];
  return [oneLine(summary, SENTENCE_LENGTH_MAX), ...lines, ...more].join('\n');
}

function violationLine({ sentence, rows, examples = [] }: Violation): string {
  const shown = examples.slice(0, EXAMPLES_MAX).map((example) => oneLine(exampleText(example), EXAMPLE_LENGTH_MAX));
  const where = shown.length === 0 ? '' : ` (${shown.join('; ')}${rows > shown.length ? `; ${ELLIPSIS}` : ''})`;
  const said = oneLine(sentence, SENTENCE_LENGTH_MAX);
  // A violation of the file as a whole has no rows.
  return rows === 0 ? `- ${said}` : `- ${said}: ${rows} ${rows === 1 ? 'row' : 'rows'}${where}`;
}

function weight({ severity }: Violation): number {
  return severity === 'fail' ? 1 : 0;
}

// A file's name or a cell's text may contain line ends and control characters that imitate a message of Weir.
function oneLine(text: string, lengthMax: number): string {
  const flat = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return flat.length > lengthMax ? `${flat.slice(0, lengthMax - 1)}${ELLIPSIS}` : flat;
}

/** Makes an address absolute, so that it works outside the web app; throws when it cannot. */
export function absoluteLink(link: string, baseUrl?: string): string {
  const url = URL.canParse(link, baseUrl) ? new URL(link, baseUrl) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url.href;
  throw new MonitorError(
    'alert_invalid',
    `Expected an absolute http(s) link in the alert, or a base URL to resolve it against; got ${JSON.stringify(link)} and base ${JSON.stringify(baseUrl)}.`,
  );
}
