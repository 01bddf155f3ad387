import type { ExampleValue, ViolationExample } from './check-result.ts';

/** An example in words: `line 17: age "-5", class empty`. */
export function exampleText({ at, number, values }: ViolationExample): string {
  const shown = values.map(valueText);
  return `${at} ${number}${shown.length === 0 ? '' : `: ${shown.join(', ')}`}`;
}

function valueText({ column, text }: ExampleValue): string {
  const value = text === null ? 'not shown' : text === '' ? 'empty' : JSON.stringify(text);
  return column === undefined ? value : `${column} ${value}`;
}
