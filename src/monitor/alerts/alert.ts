import type { CheckResult, Criticality, Violation } from '#contracts';
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
}

export interface AlertOptions {
  readonly dedupeKey: string;
  /** The address of the report: absolute, or a path below `baseUrl`. */
  readonly link: string;
  readonly baseUrl?: string;
}

const VIOLATIONS_MAX = 10;
const NAME_LENGTH_MAX = 120;
const SENTENCE_LENGTH_MAX = 300;
const ELLIPSIS = '…';

/** The alert of a checked file, or undefined when nothing is wrong with it. */
export function alertOf(result: CheckResult, { dedupeKey, link, baseUrl }: AlertOptions): Alert | undefined {
  const { criticality, rows, verdict } = result;
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
      {
        title: 'Rows',
        value: `${rows.in} total, ${rows.good} valid, ${rows.bad} invalid, ${rows.rejected} unreadable`,
      },
      { title: 'Verdict', value: verdict },
      { title: 'Contract', value: oneLine(result.contract, NAME_LENGTH_MAX) },
    ],
    link: absoluteLink(link, baseUrl),
  };
}

function summaryOf({ summary, violations }: CheckResult): string {
  const worstFirst = [...violations].sort((one, other) => weight(other) - weight(one) || other.rows - one.rows);
  const lines = worstFirst.slice(0, VIOLATIONS_MAX).map(({ sentence, rows }) => {
    return `- ${oneLine(sentence, SENTENCE_LENGTH_MAX)}: ${rows} ${rows === 1 ? 'row' : 'rows'}`;
  });
  const left = violations.length - lines.length;
  const more = left > 0 ? [`- and ${left} more in the report`] : [];
  return [oneLine(summary, SENTENCE_LENGTH_MAX), ...lines, ...more].join('\n');
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
