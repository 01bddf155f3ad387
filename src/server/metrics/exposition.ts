const OPENMETRICS = 'application/openmetrics-text';

export const OPENMETRICS_TYPE = `${OPENMETRICS}; version=1.0.0; charset=utf-8`;

/** Whether a scraper asks for OpenMetrics, and not only for the older text format beside it. */
export function asksForOpenmetrics(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return type === OPENMETRICS && !parameters.includes('q=0');
  });
}

/** The text of prom-client with numbers as both formats spell them. */
export const toPrometheus = (text: string): string => text.replaceAll(/ Nan$/gm, ' NaN');

/** The text format of Prometheus as OpenMetrics: families of counters without `_total`, no empty lines, an end. */
export function toOpenmetrics(text: string): string {
  const counters = new Set([...text.matchAll(/^# TYPE (\S+)_total counter$/gm)].map(([, family]) => `${family}_total`));
  const lines = text.split('\n').flatMap((line) => {
    if (line === '') return [];
    const [, kind, name = '', rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    return kind !== undefined && counters.has(name) ? [`# ${kind} ${name.slice(0, -'_total'.length)} ${rest}`] : [line];
  });
  return `${lines.join('\n')}\n# EOF\n`;
}
