import type { Alert } from '../alert.ts';
import { clipped, headingOf, SHORTENED, wellFormed } from './alert-text.ts';

// Limits of Block Kit, in characters as they are sent.
const HEADER_LENGTH_MAX = 150;
const SECTION_LENGTH_MAX = 3000;
const FIELD_LENGTH_MAX = 2000;
const FIELDS_MAX = 10;
const URL_LENGTH_MAX = 3000;
const FACT_TITLE_LENGTH_MAX = 60;

/** The body of a Slack message in Block Kit: header, facts, summary, and a button with the link. Pure. */
export function toSlackMessage(alert: Alert): string {
  const { facts, summary, link } = alert;
  const heading = escaped(headingOf(alert, HEADER_LENGTH_MAX), HEADER_LENGTH_MAX);
  const fields = facts.slice(0, FIELDS_MAX).map(({ title, value }) => {
    const text = `${clipped(wellFormed(title), FACT_TITLE_LENGTH_MAX)}\n${wellFormed(value)}`;
    return plainText(escaped(text, FIELD_LENGTH_MAX));
  });
  const said = escaped(wellFormed(summary), SECTION_LENGTH_MAX, SHORTENED);
  const button = { type: 'button', text: plainText('Open report'), url: link };
  return JSON.stringify({
    // What notifications show; a message with blocks does not show it.
    text: heading,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: plainText(heading) },
      ...(fields.length === 0 ? [] : [{ type: 'section', fields }]),
      ...(said.trim() === '' ? [] : [{ type: 'section', text: plainText(said) }]),
      ...(link === null || link.length > URL_LENGTH_MAX ? [] : [{ type: 'actions', elements: [button] }]),
    ],
  });
}

/** Shown as it is written: no Markdown, no emoji codes, no mentions. */
const plainText = (text: string) => ({ type: 'plain_text', text, emoji: false });

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** With the characters replaced that control a message, and cut so that no entity is cut. */
export function escaped(text: string, lengthMax: number, ending = '…'): string {
  const whole = text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);
  if (whole.length <= lengthMax) return whole;
  return `${clipped(whole, lengthMax - ending.length, '').replace(/&[a-z]{0,3}$/, '')}${ending}`;
}
