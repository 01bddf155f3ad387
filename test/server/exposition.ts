/** One family of metrics, as a scraper reads it. */
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['', '_total'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/** Parses an exposition by the grammar of its format, and throws at the first line that is not of it. */
export function parseExposition(text: string, format: 'prometheus' | 'openmetrics'): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('Expected the last line to end.');
  const lines = text.slice(0, -1).split('\n');
  if (format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('Expected # EOF at the end.');
  const families = new Map<string, Family>();
  let help: { name: string; text: string } | undefined;
  let current: { name: string; family: Family } | undefined;
  for (const line of lines) {
    if (line === '' && format === 'prometheus') continue;
    const [, kind, name = '', rest = ''] = new RegExp(`^# (HELP|TYPE) (${NAME}) (.*)$`).exec(line) ?? [];
    if (kind === 'HELP') help = { name, text: rest };
    else if (kind === 'TYPE') {
      if (help?.name !== name || !(rest in SUFFIXES) || families.has(name)) throw new Error(`Unexpected: ${line}`);
      if (format === 'openmetrics' && rest === 'counter' && name.endsWith('_total'))
        throw new Error(`Unexpected: ${line}`);
      current = { name, family: { type: rest, help: help.text, samples: [] } };
      families.set(name, current.family);
    } else readSample(line, current);
  }
  return families;
}

function readSample(line: string, current: { name: string; family: Family } | undefined): void {
  const [, name = '', inner = '', value = ''] = SAMPLE.exec(line) ?? [];
  const suffixes = SUFFIXES[current?.family.type ?? ''] ?? [];
  const isOfFamily = current !== undefined && suffixes.some((suffix) => name === `${current.name}${suffix}`);
  if (!isOfFamily || !/^(?:[+-]?Inf|NaN|[+-]?[0-9.]+(?:[eE][+-]?\d+)?)$/.test(value))
    throw new Error(`Unexpected: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < inner.length) {
    const [, label, text] = LABEL.exec(inner) ?? [];
    if (label === undefined || text === undefined || label in labels) throw new Error(`Unexpected labels: ${line}`);
    labels[label] = text;
  }
  const isAgain = current.family.samples.some(
    (sample) => sample.name === name && JSON.stringify(sample.labels) === JSON.stringify(labels),
  );
  if (isAgain) throw new Error(`A sample is there twice: ${line}`);
  current.family.samples.push({ name, labels, value: Number(value.replace('Inf', 'Infinity')) });
}
