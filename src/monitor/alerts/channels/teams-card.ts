import type { Alert } from '../alert.ts';
import { clipped, headingOf, SHORTENED, wellFormed } from './alert-text.ts';

/** Teams refuses a payload of 28 KB and more. */
export const TEAMS_BYTES_MAX = 28 * 1024 - 1;

const TITLE_LENGTH_MAX = 200;
const FACT_TITLE_LENGTH_MAX = 60;
const FACT_VALUE_LENGTH_MAX = 200;
const FACTS_MAX = 10;
const LINK_BYTES_MAX = 2000;
const COLORS: Readonly<Record<Alert['criticality'], string>> = { high: 'Attention', medium: 'Warning', low: 'Accent' };

/** The body of a Teams message: one Adaptive Card, with a summary short enough to fit. Pure. */
export function toTeamsMessage(alert: Alert): string {
  const whole = message(alert, toMarkdown(alert.summary));
  if (Buffer.byteLength(whole) <= TEAMS_BYTES_MAX) return whole;
  const letters = Array.from(wellFormed(alert.summary));
  let [fits, tooLong] = [0, letters.length];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    const isShortEnough = Buffer.byteLength(message(alert, shortened(letters, middle))) <= TEAMS_BYTES_MAX;
    if (isShortEnough) fits = middle;
    else tooLong = middle;
  }
  return message(alert, shortened(letters, fits));
}

function shortened(letters: readonly string[], count: number): string {
  return `${toMarkdown(letters.slice(0, count).join(''))}${SHORTENED}`;
}

function message(alert: Alert, summary: string): string {
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'full' },
    body: bodyOf(alert, summary),
    ...actionsOf(alert),
  };
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card };
  return JSON.stringify({ type: 'message', attachments: [attachment] });
}

function bodyOf(alert: Alert, summary: string): readonly object[] {
  const { state, criticality, facts } = alert;
  const heading = {
    type: 'TextBlock',
    text: toMarkdown(headingOf(alert, TITLE_LENGTH_MAX)),
    weight: 'Bolder',
    size: 'Medium',
    style: 'heading',
    color: state === 'resolved' ? 'Good' : COLORS[criticality],
    wrap: true,
  };
  const shown = facts.slice(0, FACTS_MAX).map((fact) => ({
    title: toMarkdown(clipped(fact.title, FACT_TITLE_LENGTH_MAX)),
    value: toMarkdown(clipped(fact.value, FACT_VALUE_LENGTH_MAX)),
  }));
  return [
    heading,
    ...(shown.length > 0 ? [{ type: 'FactSet', facts: shown }] : []),
    ...(summary === '' ? [] : [{ type: 'TextBlock', wrap: true, text: summary }]),
  ];
}

function actionsOf({ link }: Alert): { readonly actions?: readonly object[] } {
  if (link === null || Buffer.byteLength(link) > LINK_BYTES_MAX) return {};
  return { actions: [{ type: 'Action.OpenUrl', title: 'Open report', url: link }] };
}

/** Escapes what a TextBlock would read as Markdown; lists ("- " at the start of a line) stay lists. */
export function toMarkdown(text: string): string {
  return wellFormed(text)
    .replace(/[\\`*~<]/g, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/\](?=\()/g, '\\]')
    .replace(/\{(?=\{)/g, '{\\')
    .replace(/^(\s*)([#>+])/gm, '$1\\$2')
    .replace(/^(\s*)\[(?=.*\]:)/gm, '$1\\[')
    .replace(/^(\s*\d+)([.)])(?=\s)/gm, '$1\\$2');
}
