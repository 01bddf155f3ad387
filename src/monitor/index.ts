import { type Contract, maybeColumnWithRole } from '#contracts';
import type { Dashboard } from './dashboards/dashboard.ts';
import { driftAndPredictedNumbers } from './dashboards/drift-and-predicted-numbers.ts';
import { driftAndPredictions } from './dashboards/drift-and-predictions.ts';
import { ingestedData } from './dashboards/ingested-data.ts';

export { after } from './after.ts';
export { type Alert, alertOf } from './alerts/alert.ts';
export type { Channel, DeliveryOutcome } from './alerts/channels/channel.ts';
export { mailChannel } from './alerts/channels/mail.ts';
export { pagerDutyChannel } from './alerts/channels/pagerduty.ts';
export { slackChannel } from './alerts/channels/slack.ts';
export { teamsChannel } from './alerts/channels/teams.ts';
export { webhookChannel } from './alerts/channels/webhook.ts';
export { listDeadChannels } from './alerts/circuit-records.ts';
export { deliverAlerts } from './alerts/deliver.ts';
export { raiseFileAlert } from './alerts/file-alerts.ts';
export { forgetAlerts } from './alerts/forget-alerts.ts';
export { listAlerts } from './alerts/list.ts';
export { listAttempts } from './alerts/list-attempts.ts';
export { type ChannelState, listChannels } from './alerts/list-channels.ts';
export { raiseAlert } from './alerts/raise.ts';
export type { AlertRoute } from './alerts/route.ts';
export { sendTest } from './alerts/send-test.ts';
export { type DeliveryLoop, startDelivery } from './alerts/start-delivery.ts';
export type { Dashboard, Panel } from './dashboards/dashboard.ts';
export { defineDashboard } from './dashboards/define-dashboard.ts';
export { foldRunCounts, forgetRunCounts } from './dashboards/fold-run-counts.ts';
export { type DashboardRows, dashboardRows, type PanelRow } from './dashboards/query.ts';
export { forgetRequestCounts, RequestCounts } from './dashboards/request-counts.ts';
export { startFolding } from './dashboards/start-folding.ts';
export { maybeChallenge } from './drift/challenge.ts';
export { type DriftReport, evaluateDrift } from './drift/evaluate-drift.ts';
export { forgetDrift } from './drift/forget.ts';
export { type Judged, judgeWindow } from './drift/judge-window.ts';
export { listDriftWindows } from './drift/list-windows.ts';
export { planWindows, type StepRows, startOfStep } from './drift/plan-windows.ts';
export { type Drift, getDriftWindow, readDrift } from './drift/read-drift.ts';
export {
  type ColumnForm,
  type DriftReference,
  decodeReference,
  encodeReference,
  samplePredictions,
  sampleRows,
} from './drift/reference.ts';
export { judgeReplay, type Replayed } from './drift/replay.ts';
export { type ColumnValues, sampleOf } from './drift/sample.ts';
export { type JudgedWindow, saveWindow } from './drift/save-window.ts';
export {
  dataSteps,
  filesOfWindow,
  indexFile,
  predictionSteps,
} from './drift/steps.ts';
export { storeJudged } from './drift/store-judged.ts';
export { sustainedDrift } from './drift/sustained.ts';
export type { MonitorErrorCode } from './errors.ts';
export { CONTACT_POINTS, type ContactPoint, variablesOf } from './grafana/contact-points.ts';
export { grafanaFiles } from './grafana/grafana-files.ts';
export { markOf } from './grafana/names.ts';
export { readableOf } from './grafana/readable.ts';
export { allowReader, denyReader, grantReader, READER, READER_SQL } from './grafana/reader.ts';
export { toGrafana } from './grafana/to-grafana.ts';
export { type Repeating, repeat } from './repeat.ts';
export { changeRule, resetRule } from './rules/changes.ts';
export { defaultRules } from './rules/default-rules.ts';
export { findRule, type ListedRule, listRules } from './rules/list-rules.ts';
export { muteRule, unmuteRule } from './rules/mutes.ts';
export { valueText } from './rules/notices.ts';
export { type AlertRule, conditionOf, type RuleFields, withFields } from './rules/rule.ts';
export { listRuleKinds, type RuleKind } from './rules/rule-kinds.ts';
export { type RulesOptions, startRules } from './rules/start-rules.ts';
export { acknowledgeRule, listTransitions } from './rules/states.ts';
export { type RuleTrial, tryRule } from './rules/try-rule.ts';
export { driftAndPredictedNumbers, driftAndPredictions, ingestedData };

/** All dashboards; a project has those of `dashboardsOf`. */
export const dashboards: readonly Dashboard[] = [ingestedData, driftAndPredictions, driftAndPredictedNumbers];

/** The dashboards of a project: where its label is a number, averages and errors instead of classes. */
export function dashboardsOf(contract: Contract | undefined): readonly Dashboard[] {
  const label = contract && maybeColumnWithRole(contract, 'label');
  const kind = label === undefined ? undefined : contract?.columns[label]?.kind;
  const isNumber = kind === 'number' || kind === 'integer';
  return [ingestedData, isNumber ? driftAndPredictedNumbers : driftAndPredictions];
}
