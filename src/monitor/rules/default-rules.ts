import { INTERVAL_MINUTES_MAX, WINDOW_MINUTES_MAX } from './conditions/minutes.ts';
import type { AlertRule, RuleFields } from './rule.ts';
import { withFields } from './rule.ts';

/** What the default rules are derived from. */
export interface RuleSubject {
  /** Whether the project has a contract: files arrive and are checked. */
  readonly hasModel: boolean;
  /** How much worse than on its test rows the champion may be, as the gate of training has it. */
  readonly tolerance: number;
  /** Pipelines that run on a schedule, with the longest time between two ticks. */
  readonly schedules: readonly { readonly pipeline: string; readonly intervalMinutes: number }[];
}

type Default = RuleFields & { readonly name: string; readonly kind: string };

const LATE_INTERVALS = 3;
/** A schedule with shorter intervals is late only after this long, because a run may take longer than an interval. */
const LATE_MINUTES_MIN = 10;

/** The alert rules that a project has without settings, from its contract and its schedules. */
export function defaultRules({ hasModel, tolerance, ...subject }: RuleSubject): readonly AlertRule[] {
  // Rules are evaluated each minute: what runs more often is measured as if it ran each minute.
  const schedules = subject.schedules.map(({ pipeline, intervalMinutes }) => ({
    pipeline,
    intervalMinutes: Math.min(Math.ceil(intervalMinutes), INTERVAL_MINUTES_MAX),
  }));
  const intervalOf = (pipeline: string) => schedules.find((each) => each.pipeline === pipeline)?.intervalMinutes;
  const rules = [
    ...(hasModel ? [...dataRules(intervalOf('ingest')), ...modelRules(tolerance, intervalOf('predict'))] : []),
    ...schedules.filter(({ pipeline }) => pipeline !== 'feed').flatMap(runRules),
    ...SYSTEM,
  ];
  return rules.map(({ name, ...fields }) => withFields({ name, origin: 'default' }, fields));
}

function dataRules(ingestMinutes: number | undefined): readonly Default[] {
  const windowOf = (runs: number) => Math.min(Math.max(runs * (ingestMinutes ?? 1), 10), WINDOW_MINUTES_MAX);
  const windowMinutes = windowOf(3);
  const group = 'data';
  return [
    {
      ...{ name: 'bad-files', kind: 'bad-files', title: 'Every file is bad', group },
      ...{ params: { windowMinutes }, threshold: 1, severity: 'high' },
    },
    {
      ...{ name: 'bad-rows', kind: 'bad-rows', title: 'Many rows are bad', group },
      ...{ params: { windowMinutes: Math.max(30, windowOf(9)) }, threshold: 0.2, forMinutes: 5, severity: 'medium' },
    },
    {
      ...{ name: 'missing-column', kind: 'missing-column', title: 'Files lack a required column', group },
      ...{ params: { windowMinutes }, threshold: 1, severity: 'high' },
    },
    {
      ...{ name: 'no-file', kind: 'no-file', title: 'No files arrive', group },
      ...{ params: { intervalMinutes: ingestMinutes ?? 1 }, threshold: 5, severity: 'medium' },
      enabled: ingestMinutes !== undefined,
    },
    {
      ...{ name: 'backlog', kind: 'backlog', title: 'The backlog of files rises', group },
      ...{ threshold: 5, severity: 'medium', noData: 'notify', enabled: ingestMinutes !== undefined },
    },
  ];
}

function modelRules(tolerance: number, predictMinutes: number | undefined): readonly Default[] {
  const group = 'model';
  return [
    {
      ...{ name: 'constant-prediction', kind: 'constant-prediction', title: 'The model says the same of everything' },
      ...{ group, threshold: 1, severity: 'high' },
    },
    {
      ...{ name: 'data-drift', kind: 'drift', title: 'Arriving rows differ from the training rows', group },
      ...{ params: { stream: 'data' }, threshold: 1, severity: 'medium' },
    },
    {
      ...{ name: 'prediction-drift', kind: 'drift', title: 'Predictions differ from those on the test rows', group },
      ...{ params: { stream: 'predictions' }, threshold: 1, severity: 'medium' },
    },
    {
      ...{ name: 'performance', kind: 'performance', title: 'The champion is worse than its gate', group },
      ...{ params: { tolerance }, threshold: 0, severity: 'high' },
    },
    {
      ...{ name: 'predictions-skipped', kind: 'predictions-skipped', title: 'Predictions are skipped', group },
      ...{ params: { intervalMinutes: predictMinutes ?? 2 }, threshold: 10, severity: 'low' },
      enabled: predictMinutes !== undefined,
    },
  ];
}

const runRules = ({ pipeline, intervalMinutes }: RuleSubject['schedules'][number]): readonly Default[] => [
  {
    ...{ name: `${pipeline}-failed`, kind: 'run-failed', title: `Runs of ${pipeline} fail`, group: 'runs' },
    ...{ params: { pipeline }, threshold: intervalMinutes < 60 ? 2 : 1, severity: 'high' },
  },
  {
    ...{ name: `${pipeline}-late`, kind: 'run-late', title: `Runs of ${pipeline} are late`, group: 'runs' },
    ...{ params: { pipeline, intervalMinutes }, severity: 'medium', forMinutes: 5 },
    threshold: Math.max(LATE_INTERVALS, Math.ceil(LATE_MINUTES_MIN / intervalMinutes)),
  },
];

const SYSTEM: readonly Default[] = [
  {
    ...{ name: 'delivery-dead', kind: 'delivery-dead', title: 'Alerts are not delivered', group: 'delivery' },
    ...{ threshold: 1, severity: 'high' },
  },
  {
    ...{ name: 'disk-full', kind: 'disk-full', title: 'A disk is nearly full', group: 'system' },
    ...{ threshold: 0.9, severity: 'high', noData: 'notify', forMinutes: 5 },
  },
  {
    ...{ name: 'database-unreachable', kind: 'database-unreachable', title: 'The database cannot be read or written' },
    ...{ group: 'database', threshold: 2, severity: 'high' },
  },
];
