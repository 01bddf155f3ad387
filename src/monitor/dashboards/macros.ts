import { type Interval, intervalOf, maybeSeconds } from './intervals.ts';

/** The stretch of time that a dashboard shows. */
export interface Window {
  readonly from: Date;
  readonly to: Date;
}

/** The values chosen of each variable, by its name; all of a variable that is absent or empty. */
export type Choices = Readonly<Record<string, readonly string[]>>;

export interface CompiledQuery {
  readonly text: string;
  readonly values: readonly (Date | string)[];
}

interface Scope {
  readonly interval: Interval;
  parameter(edge: keyof Window): string;
}
type Macro = (argument: string, scope: Scope) => string;

// What Grafana's own PostgreSQL source does for each macro, so that one text means the same in both.
const MACROS: Readonly<Record<string, { readonly form: RegExp; readonly usage: string; readonly expand: Macro }>> = {
  __timeFilter: {
    form: /^[^,\s][^,]*$/,
    usage: '$__timeFilter(column)',
    expand: (column, { parameter }) => `${column} BETWEEN ${parameter('from')} AND ${parameter('to')}`,
  },
  __timeFrom: { form: /^$/, usage: '$__timeFrom()', expand: (_, { parameter }) => parameter('from') },
  __timeTo: { form: /^$/, usage: '$__timeTo()', expand: (_, { parameter }) => parameter('to') },
  __time: { form: /^[^,\s][^,]*$/, usage: '$__time(column)', expand: (column) => `${column} AS "time"` },
  __timeGroup: { form: /^[^,\s][^,]*,[^,]+$/, usage: "$__timeGroup(column, '5m')", expand: expandGroup },
  __timeGroupAlias: {
    form: /^[^,\s][^,]*,[^,]+$/,
    usage: "$__timeGroupAlias(column, '5m')",
    expand: (argument, scope) => `${expandGroup(argument, scope)} AS "time"`,
  },
};

const USES = /\$(__[A-Za-z_]*|\d+|[A-Za-z]\w*|\{)(\(([^)]*)\))?/g;
const INTERVAL = '__interval';
const VARIABLES = /\$\{([a-z][a-z0-9_]*):sqlstring\}/g;
/** Stands for all values of a variable, as the custom value of "All" does in Grafana. */
const ALL = '*';

/** Names what in a query cannot be compiled, or undefined when all of it can. */
export function maybeMacroFault(sql: string, variables: readonly string[] = []): string | undefined {
  const unknown = [...sql.matchAll(VARIABLES)].find(([, name = '']) => !variables.includes(name));
  if (unknown !== undefined) return `${unknown[0]} names no variable of the dashboard`;
  return faultOfMacros(sql.replace(VARIABLES, ''));
}

function faultOfMacros(sql: string): string | undefined {
  for (const { 0: use, 1: name = '', 2: call, 3: argument = '', index } of sql.matchAll(USES)) {
    const fault = faultOf({
      use,
      name,
      call,
      argument: argument.trim(),
      before: sql[index - 1],
      after: sql[index + 1 + name.length],
      next: sql[index + use.length],
    });
    if (fault !== undefined) return fault;
  }
  return undefined;
}

interface Use {
  readonly use: string;
  readonly name: string;
  readonly call: string | undefined;
  readonly argument: string;
  readonly before: string | undefined;
  /** The character after the name. */
  readonly after: string | undefined;
  /** The character after the whole use. */
  readonly next: string | undefined;
}

function faultOf({ use, name, call, argument, before, after, next }: Use): string | undefined {
  if (name === INTERVAL) {
    return before === "'" && after === "'"
      ? undefined
      : "write '$__interval' in quotes, or as an argument of $__timeGroup";
  }
  const macro = Object.hasOwn(MACROS, name) ? MACROS[name] : undefined;
  if (macro === undefined) {
    const supported = [...Object.keys(MACROS), INTERVAL].map((known) => `$${known}`).join(', ');
    return `$${name} is not supported; expected one of ${supported}`;
  }
  // Grafana ends an argument at the first closing parenthesis; what it cannot parse is refused here too.
  if (call === undefined || argument.includes('(') || !macro.form.test(argument)) {
    return `${use} is not how the macro is written; expected ${macro.usage}, without parentheses inside`;
  }
  if (!name.startsWith('__timeGroup')) return undefined;
  if (name === '__timeGroup' && next === ',')
    return `${use} stands right before a comma, where Grafana names its column; expected $__timeGroupAlias(${argument})`;
  const width = argument.split(',')[1]?.trim() ?? '';
  return width === `$${INTERVAL}` || maybeSeconds(width) !== undefined
    ? undefined
    : `${use} has the interval ${width}; expected $__interval or a number with ms, s, m, h, d or w, for example '5m'`;
}

/** Turns a panel's text into SQL over a window. The window and the choices travel as parameters, never as text. */
export function compileQuery(sql: string, { choices = {}, ...window }: Window & { choices?: Choices }): CompiledQuery {
  const values: (Date | string)[] = [];
  const places = new Map<string, string>();
  const place = (key: string, add: () => string): string => {
    const known = places.get(key) ?? add();
    places.set(key, known);
    return known;
  };
  const parameter = (edge: keyof Window): string => place(edge, () => `$${values.push(window[edge])}::timestamptz`);
  const chosen = (name: string): string => {
    const own = Object.hasOwn(choices, name) ? choices[name] : undefined;
    const texts = own === undefined || own.length === 0 ? [ALL] : own;
    return place(`variable ${name}`, () => texts.map((text) => `$${values.push(text)}::text`).join(','));
  };
  const scope: Scope = { interval: intervalOf(window), parameter };
  // Macros first: what a variable becomes has dollar signs of its own.
  const text = sql
    .replace(USES, (use, name: string, call: string | undefined, argument: string | undefined) => {
      if (name === INTERVAL) return `${scope.interval}${call ?? ''}`;
      return (Object.hasOwn(MACROS, name) ? MACROS[name] : undefined)?.expand(argument?.trim() ?? '', scope) ?? use;
    })
    .replace(VARIABLES, (_, name: string) => chosen(name));
  return { text, values };
}

function expandGroup(argument: string, { interval }: Scope): string {
  const [column = '', width = ''] = argument.split(',').map((part) => part.trim());
  const seconds = maybeSeconds(width === `$${INTERVAL}` ? interval : width);
  return `floor(extract(epoch from ${column})/${seconds})*${seconds}`;
}
