import type { Alert } from '../alert.ts';
import { clipped, headingOf, SHORTENED, wellFormed } from './alert-text.ts';
import { hashedKey } from './hashed-key.ts';

/** A mail, as the library that sends it takes it. */
export interface MailMessage {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  /** The mail of the problem, so that the one of its end stands below it. */
  readonly inReplyTo?: string;
  readonly references?: string;
  readonly priority: 'high' | 'normal';
  readonly headers: Readonly<Record<string, string>>;
}

const SUBJECT_LENGTH_MAX = 200;
const SUMMARY_LENGTH_MAX = 50_000;
const FACTS_MAX = 50;
const FACT_LENGTH_MAX = 1000;
const COLORS: Readonly<Record<Alert['criticality'], string>> = { high: '#c92a2a', medium: '#d9480f', low: '#1864ab' };
const RESOLVED_COLOR = '#2b8a3e';

/** The mail of an alert, as text and as HTML. The same alert has the same Message-ID at every attempt. Pure. */
export function toMailMessage(alert: Alert, from: string): MailMessage {
  const { dedupeKey, incidentKey = dedupeKey, criticality } = alert;
  const [messageId, thread] = [messageIdOf(dedupeKey, from), messageIdOf(incidentKey, from)];
  const heading = headingOf(alert, SUBJECT_LENGTH_MAX);
  return {
    subject: heading,
    text: toText(alert, heading),
    html: toHtml(alert, heading),
    messageId,
    ...(thread === messageId ? {} : { inReplyTo: thread, references: thread }),
    priority: criticality === 'high' ? 'high' : 'normal',
    // Nobody's "out of office" is to be sent to Weir.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
}

function messageIdOf(key: string, from: string): string {
  const [, domain = 'weir.invalid'] = /@([A-Za-z0-9.-]+)>?\s*$/.exec(from) ?? [];
  return `<${hashedKey(key)}@${domain}>`;
}

function toText({ link, ...alert }: Alert, heading: string): string {
  const facts = factsOf(alert).map(({ title, value }) => `${title}: ${value}`);
  return [heading, facts.join('\n'), summaryOf(alert), link ?? ''].filter((part) => part !== '').join('\n\n');
}

function toHtml(alert: Alert, heading: string): string {
  const { state, criticality, link } = alert;
  const color = state === 'resolved' ? RESOLVED_COLOR : COLORS[criticality];
  const cell = 'style="padding:2px 12px 2px 0;vertical-align:top"';
  const rows = factsOf(alert).map(
    ({ title, value }) => `<tr><th align="left" ${cell}>${escaped(title)}</th><td ${cell}>${escaped(value)}</td></tr>`,
  );
  return [
    '<!doctype html><html lang="en"><body style="font-family:sans-serif;font-size:14px">',
    `<h1 style="font-size:18px;color:${color}">${escaped(heading)}</h1>`,
    rows.length === 0 ? '' : `<table cellspacing="0">${rows.join('')}</table>`,
    `<p style="white-space:pre-line">${escaped(summaryOf(alert))}</p>`,
    link === null ? '' : `<p><a href="${escaped(link)}">Open report</a></p>`,
    '</body></html>',
  ].join('\n');
}

const factsOf = ({ facts }: Pick<Alert, 'facts'>) =>
  facts.slice(0, FACTS_MAX).map(({ title, value }) => ({
    title: clipped(wellFormed(title), FACT_LENGTH_MAX),
    value: clipped(wellFormed(value), FACT_LENGTH_MAX),
  }));

const summaryOf = ({ summary }: Pick<Alert, 'summary'>): string =>
  clipped(wellFormed(summary), SUMMARY_LENGTH_MAX, SHORTENED);

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
