import type { ExampleValue, ViolationExample } from './check-result.ts';

/** An example in words: `line 17: age "-5", class empty`, with its file before it where there are several. */
export function exampleText({ partition, at, number, values }: ViolationExample): string {
  const shown = values.map(valueText);
  const place = partition === undefined ? '' : `${partition}, `;
  return `${place}${at} ${number}${shown.length === 0 ? '' : `: ${shown.join(', ')}`}`;
}

function valueText({ column, text }: ExampleValue): string {
  const value = text === null ? 'not shown' : text === '' ? 'empty' : JSON.stringify(text);
  return column === undefined ? value : `${column} ${value}`;
}
