import { longestIntervalMinutes } from '#engine';
import { type AlertRule, defaultRules, withFields } from '#monitor';
import type { Config } from '../project/config.ts';
import { schedulesOf, type Wiring } from './wire.ts';

/** The alert rules of contract, schedules and settings. Throws when the settings hold one that is invalid. */
export function alertRulesOf({ project, config, pipelines }: Pick<Wiring, 'project' | 'config' | 'pipelines'>) {
  const now = new Date();
  const schedules = schedulesOf(config, pipelines).flatMap((schedule) => {
    const intervalMinutes = longestIntervalMinutes(schedule, now);
    return intervalMinutes === undefined ? [] : [{ pipeline: schedule.pipeline, intervalMinutes }];
  });
  const { tolerance } = config.training;
  const defaults = defaultRules({ hasModel: project.contract !== undefined, tolerance, schedules });
  return withSettings(defaults, config.alerts.rules);
}

function withSettings(defaults: readonly AlertRule[], rules: Config['alerts']['rules']): readonly AlertRule[] {
  const known = new Map(defaults.map((rule) => [rule.name, rule]));
  const changed = Object.entries(rules).map(([name, fields]) =>
    withFields({ ...known.get(name), name, origin: 'settings' as const }, fields),
  );
  const names = new Set(changed.map(({ name }) => name));
  return [...defaults.filter(({ name }) => !names.has(name)), ...changed];
}
