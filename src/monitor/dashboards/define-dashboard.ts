import { MonitorError } from '../errors.ts';
import type { Dashboard, Panel } from './dashboard.ts';
import { maybeMacroFault } from './macros.ts';

const WIDTH_MAX = 24;
const NAME = /^[a-z][a-z0-9_]*$/;
const ID = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Defines a dashboard: frozen data, refused when it could not be drawn in the web app or in Grafana. */
export function defineDashboard(dashboard: Dashboard): Dashboard {
  const names = dashboard.variables.map(({ name }) => name);
  const faults = [
    dashboardFault(dashboard),
    variablesFault(dashboard),
    ...dashboard.panels.map((panel) => panelFault(panel, names)),
  ];
  const fault = faults.find((found) => found !== undefined);
  if (fault !== undefined) throw new MonitorError('dashboard_invalid', `The dashboard "${dashboard.id}" ${fault}.`);
  const variables = Object.freeze(dashboard.variables.map((variable) => Object.freeze(variable)));
  return Object.freeze({
    ...dashboard,
    variables,
    panels: Object.freeze(dashboard.panels.map((panel) => Object.freeze(panel))),
  });
}

function dashboardFault({ id, windows, defaultWindowMinutes, panels }: Dashboard): string | undefined {
  if (!ID.test(id)) return 'needs an id of lower-case words joined by hyphens';
  if (!windows.some(({ minutes }) => minutes === defaultWindowMinutes)) {
    return `starts with a window of ${defaultWindowMinutes} minutes, which is none of its windows`;
  }
  const ids = panels.map((panel) => panel.id);
  const twice = ids.find((panelId, index) => ids.indexOf(panelId) !== index);
  return twice === undefined ? undefined : `has two panels with the id "${twice}"`;
}

function variablesFault({ variables }: Dashboard): string | undefined {
  const names = variables.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `has two variables with the name "${twice}"`;
  return variables
    .map(({ name, sql }) => {
      if (!NAME.test(name)) return `has a variable "${name}"; expected a lower-case word`;
      const fault = maybeMacroFault(sql);
      if (fault !== undefined) return `has a variable "${name}" whose SQL cannot be compiled: ${fault}`;
      return sql.includes(';') ? `has a variable "${name}" with a semicolon; expected one query without it` : undefined;
    })
    .find((found) => found !== undefined);
}

function panelFault({ id, sql, width, thresholds }: Panel, variables: readonly string[]): string | undefined {
  const fault = maybeMacroFault(sql, variables);
  if (fault !== undefined) return `has a panel "${id}" whose SQL cannot be compiled: ${fault}`;
  if (sql.includes(';')) return `has a panel "${id}" with a semicolon; expected one query without it`;
  if (!ID.test(id)) return `has a panel "${id}"; expected an id of lower-case words joined by hyphens`;
  if (!Number.isInteger(width) || width < 1 || width > WIDTH_MAX) {
    return `has a panel "${id}" that is ${width} columns wide; expected 1 to ${WIDTH_MAX}`;
  }
  const starts = thresholds.map(({ from }) => from ?? Number.NEGATIVE_INFINITY);
  const rises = starts.every((start, index) => index === 0 || start > (starts[index - 1] ?? 0));
  return rises && (starts.length === 0 || starts[0] === Number.NEGATIVE_INFINITY)
    ? undefined
    : `has a panel "${id}" whose thresholds do not rise from null`;
}
