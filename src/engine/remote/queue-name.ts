/** Of the tables of pg-boss, in the database of Weir. */
export const QUEUE_SCHEMA = 'weir_queue';
const ENCODED = /\.([0-9a-f]+)\./g;

/** The name of a queue in pg-boss, which allows few characters: what only workers of this label and runtime take. */
export function queueName(label: string, runtime: string): string {
  return `${label.replaceAll(/[^\w-]/g, (character) => `.${character.codePointAt(0)?.toString(16)}.`)}/${runtime}`;
}

/** The label and the runtime that a name was made of. */
export function partsOfQueue(name: string): { readonly label: string; readonly runtime: string } {
  const at = name.indexOf('/');
  const label = name
    .slice(0, at)
    .replaceAll(ENCODED, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
  return { label, runtime: name.slice(at + 1) };
}
