/**
 * What Grafana makes of a panel's query, restated from how its documentation and source describe it: by text alone, first
 * variables, then the interval, then macros up to the first closing parenthesis.
 */
export interface GrafanaQuery {
  readonly from: Date;
  readonly to: Date;
  /** Grafana chooses it by the width of the panel; given here, so that both renderers have the same buckets. */
  readonly interval: string;
  /** The chosen values of each variable; all of one that is absent. */
  readonly choices?: Readonly<Record<string, readonly string[]>>;
}

/** What the dashboard says for "All" of a variable, which Grafana writes as it is. */
const ALL = "'*'";
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

export function asGrafana(sql: string, query: GrafanaQuery): string {
  const withVariables = sql.replace(/\$\{(\w+):sqlstring\}/g, (_, name: string) => {
    const chosen = query.choices?.[name];
    return chosen === undefined ? ALL : chosen.map((text) => `'${text.replaceAll("'", "''")}'`).join(',');
  });
  const withInterval = withVariables
    .replaceAll('$__interval_ms', String(secondsOf(query.interval) * 1000))
    .replaceAll('$__interval', query.interval);
  return withInterval.replace(
    /\$([_a-zA-Z0-9]+)\(([^)]*)\)/g,
    (use: string, name: string, inside: string, at: number, whole: string) => {
      // A group right before a comma is the one of old dashboards, which named its column.
      const isOldForm = name === '__timeGroup' && whole[at + use.length] === ',';
      return expand(isOldForm ? '__timeGroupAlias' : name, { args: inside.split(',').map((arg) => arg.trim()), query });
    },
  );
}

interface Use {
  readonly args: readonly string[];
  readonly query: GrafanaQuery;
}

function expand(name: string, { args: [column = '', width = ''], query }: Use): string {
  const [from, to] = [`'${query.from.toISOString()}'`, `'${query.to.toISOString()}'`];
  const group = (): string => {
    const seconds = secondsOf(width.replaceAll("'", ''));
    return `floor(extract(epoch from ${column})/${seconds})*${seconds}`;
  };
  switch (name) {
    case '__timeFilter':
      return `${column} BETWEEN ${from} AND ${to}`;
    case '__timeFrom':
      return from;
    case '__timeTo':
      return to;
    case '__time':
      return `${column} AS "time"`;
    case '__timeGroup':
      return group();
    case '__timeGroupAlias':
      return `${group()} AS "time"`;
    default:
      throw new Error(`Grafana has no macro ${name}, or Weir does not use it.`);
  }
}

function secondsOf(interval: string): number {
  const [, count, unit = ''] = /^(\d+)([smhdw])$/.exec(interval) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? Number.NaN);
  if (Number.isNaN(seconds)) throw new Error(`Grafana has no interval ${interval}.`);
  return seconds;
}
