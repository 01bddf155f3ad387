import {
  type AlertRule,
  acknowledgeRule,
  changeRule,
  findRule,
  type ListedRule,
  listRules,
  listTransitions,
  muteRule,
  type RuleTrial,
  resetRule,
  tryRule,
  unmuteRule,
  valueText,
  withFields,
} from '#monitor';
import type { Database } from '#store';
import { UsageError } from '../../../project/errors.ts';
import { alertRulesOf } from '../../../serve/alert-rules.ts';
import { withProject } from '../../../serve/open-project.ts';
import type { Wiring } from '../../../serve/wire.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { actorOf, type ChangeFlags } from '../../flags.ts';
import { onRecord } from '../../on-record.ts';
import { type RuleFlags, toFields } from './rule-flags.ts';

export interface HistoryFlags extends ProjectFlags {
  readonly limit: number;
}
export interface TryFlags extends ProjectFlags, RuleFlags {}
export interface ChangeRuleFlags extends ChangeFlags, RuleFlags {
  readonly on?: true;
  readonly off?: true;
}
export interface MuteFlags extends ChangeFlags {
  readonly minutes: number;
}

const MINUTE_MS = 60_000;

interface Rules extends Pick<Wiring, 'database'> {
  readonly defined: readonly AlertRule[];
  readonly model: string;
}

/** Works with the rules of a project over its database. */
const withRules = <F extends ProjectFlags, T>(options: InProject<F>, work: (rules: Rules) => Promise<T>): Promise<T> =>
  withProject('project', options, ({ wiring }) =>
    work({ database: wiring.database, defined: alertRulesOf(wiring), model: wiring.project.name }),
  );

/** What the audit log keeps of a rule, as for a change over HTTP. */
const ofRule = ({ name, defined }: { readonly name: string; readonly defined: readonly AlertRule[] }) => ({
  target: `rule=${name}`,
  state: async (database: Database) => {
    const found = (await listRules(database, defined, new Date())).find(({ rule }) => rule.name === name);
    return found && { ...found, state: found.state?.name ?? 'ok' };
  },
});

/** Lists the alert rules. */
export async function showRules(options: InProject<ProjectFlags>): Promise<number> {
  const listed = await withRules(options, ({ database, defined }) => listRules(database, defined, new Date()));
  options.print(options.json ? `${JSON.stringify({ items: listed })}\n` : printable(listed.map(ruleLine).join('')));
  return EXIT_CODES.done;
}

function ruleLine({ rule, state, mute }: ListedRule): string {
  const { value = null } = state ?? {};
  const measured = value === null ? '–' : valueText(value, rule);
  const { acknowledged = null } = state ?? {};
  const words = [
    ...[rule.name, rule.enabled ? (state?.name ?? 'ok') : 'off'],
    ...[`${measured} of ${valueText(rule.threshold, rule)}`, rule.severity],
    ...(state === undefined ? [] : [`since ${state.since.toISOString()}`]),
    ...(acknowledged === null ? [] : [`acknowledged by ${acknowledged.by}: ${acknowledged.reason}`]),
    ...(mute === undefined ? [] : [`muted until ${mute.until.toISOString()} by ${mute.by}: ${mute.reason}`]),
  ];
  return `  ${words.join('  ')}\n`;
}

/** Says when a rule changed its state. */
export async function showHistory(name: string, options: InProject<HistoryFlags>): Promise<number> {
  const { limit, json, print } = options;
  const { rule, items } = await withRules(options, async ({ database, defined }) => ({
    rule: await findRule(database, defined, name),
    items: (await listTransitions(database, name, { limit })).items,
  }));
  const lines = items.map(({ at, from, to, value, detail }) => {
    const measured = value === null ? 'no data' : valueText(value, rule);
    return `  ${at.toISOString()}  ${from} to ${to}  ${measured}${detail === null ? '' : `  ${detail}`}\n`;
  });
  if (json) print(`${JSON.stringify({ items })}\n`);
  else print(printable(lines.join('') || `The alert rule ${name} has not changed its state yet\n`));
  return EXIT_CODES.done;
}

/** Says when a rule would have fired. */
export async function tryOneRule(name: string, options: InProject<TryFlags>): Promise<number> {
  const { rule, trial } = await withRules(options, async ({ database, defined, model }) => {
    const listed = await listRules(database, defined, new Date());
    const known = listed.find((each) => each.rule.name === name)?.rule;
    const changed = withFields(known ?? { name, origin: 'people' }, toFields(options));
    return { rule: changed, trial: await tryRule(database, changed, { model, at: new Date() }) };
  });
  options.print(options.json ? `${JSON.stringify({ rule, ...trial })}\n` : printable(trialText(rule, trial)));
  return EXIT_CODES.done;
}

function trialText(rule: AlertRule, { firings, values, from, to }: RuleTrial): string {
  const span = `between ${from.toISOString()} and ${to.toISOString()}`;
  if (values.every(({ value }) => value === null)) return `${rule.name} had no data ${span}\n`;
  if (firings.length === 0) return `${rule.name} would not have fired ${span}\n`;
  const lines = firings.map(({ firedAt, resolvedAt, peak, detail }) => {
    const until = resolvedAt === null ? 'until now' : `to ${resolvedAt.toISOString()}`;
    const worst = `at worst ${valueText(peak, rule)}`;
    return `  ${firedAt.toISOString()} ${until}, ${worst}${detail === null ? '' : `, first ${detail}`}\n`;
  });
  return `${rule.name} would have fired ${firings.length === 1 ? 'once' : `${firings.length} times`}:\n${lines.join('')}`;
}

/** Changes a rule, or adds one. */
export async function changeOneRule(name: string, options: InProject<ChangeRuleFlags>): Promise<number> {
  const { on, off, by, reason, json, print } = options;
  if (on && off)
    throw new UsageError('usage_invalid', 'Expected --on or --off; got both. Choose what the rule shall be.');
  const enabled = on ? true : off ? false : undefined;
  const fields = Object.entries({ ...toFields(options), enabled }).filter(([, value]) => value !== undefined);
  if (fields.length === 0)
    throw new UsageError('usage_invalid', 'Expected at least one change, such as --threshold 0.3 or --off.');
  const rule = await withRules(options, async ({ database, defined }) => {
    const change = { rule: name, fields: Object.fromEntries(fields), by: actorOf(by), reason };
    const recorded = { action: 'changeAlertRule', ...ofRule({ name, defined }), by, reason } as const;
    await onRecord(database, recorded, (inside) => changeRule(inside, defined, change));
    return findRule(database, defined, name);
  });
  const state = rule.enabled ? `fires at ${valueText(rule.threshold, rule)} for ${rule.forMinutes} min` : 'is off';
  print(json ? `${JSON.stringify(rule)}\n` : `${name} ${state}\n`);
  return EXIT_CODES.done;
}

/** Sends no notices of a rule for a time. */
export async function muteOneRule(name: string, options: InProject<MuteFlags>): Promise<number> {
  const { minutes, by, reason, json, print } = options;
  const from = new Date();
  const until = new Date(from.getTime() + minutes * MINUTE_MS);
  await withRules(options, async ({ database, defined }) => {
    await findRule(database, defined, name);
    const recorded = { action: 'muteAlertRule', ...ofRule({ name, defined }), by, reason } as const;
    await onRecord(database, recorded, (inside) =>
      muteRule(inside, { rule: name, from, until, by: actorOf(by), reason }),
    );
  });
  print(json ? `${JSON.stringify({ rule: name, until })}\n` : `${name} is muted until ${until.toISOString()}\n`);
  return EXIT_CODES.done;
}

const RECORDED = {
  ack: { recordedAs: 'acknowledgeAlertRule', work: acknowledgeRule, said: 'is acknowledged' },
  unmute: { recordedAs: 'unmuteAlertRule', work: unmuteRule, said: 'is no longer muted' },
  reset: { recordedAs: 'resetAlertRule', work: resetRule, said: 'is as the settings and the defaults have it' },
} as const;

/** Acknowledges, unmutes or resets a rule. Exit code 1 when there is nothing to do. */
export async function recordForRule(
  name: string,
  options: InProject<ChangeFlags> & { readonly action: keyof typeof RECORDED },
): Promise<number> {
  const { action, by, reason, json, print } = options;
  const { recordedAs, work, said } = RECORDED[action];
  await withRules(options, async ({ database, defined }) => {
    await findRule(database, defined, name);
    await onRecord(database, { action: recordedAs, ...ofRule({ name, defined }), by, reason }, (inside) =>
      work(inside, { rule: name, at: new Date(), by: actorOf(by), reason }),
    );
  });
  print(json ? `${JSON.stringify({ rule: name, action })}\n` : `${name} ${said}\n`);
  return EXIT_CODES.done;
}
