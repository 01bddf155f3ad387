import type { Dashboard } from './dashboards/dashboard.ts';
import { driftAndPredictions } from './dashboards/drift-and-predictions.ts';
import { ingestedData } from './dashboards/ingested-data.ts';

export { type Alert, type AlertFact, type AlertOptions, alertOf } from './alerts/alert.ts';
export type { Channel, DeliveryOutcome } from './alerts/channels/channel.ts';
export { teamsChannel } from './alerts/channels/teams.ts';
export { webhookChannel } from './alerts/channels/webhook.ts';
export { type DeliveryEffects, type DeliverySummary, deliverAlerts } from './alerts/deliver.ts';
export { type AlertPage, type DeliveryState, type ListedAlert, listAlerts } from './alerts/list.ts';
export { type AlertToRaise, type RaisedAlert, raiseAlert } from './alerts/raise.ts';
export { type DeliveryLoop, type DeliveryLoopEffects, startDelivery } from './alerts/start-delivery.ts';
export type { Dashboard, Panel, Threshold, ThresholdColor, Unit } from './dashboards/dashboard.ts';
export { defineDashboard } from './dashboards/define-dashboard.ts';
export { grafanaFiles } from './dashboards/grafana-files.ts';
export type { Window } from './dashboards/macros.ts';
export {
  type DashboardBounds,
  type DashboardRows,
  dashboardRows,
  type PanelCell,
  type PanelRow,
  type PanelRows,
} from './dashboards/query.ts';
export { type Folding, type FoldingEffects, startFolding } from './dashboards/start-folding.ts';
export { toGrafana } from './dashboards/to-grafana.ts';
export {
  type DriftKind,
  type DriftOptions,
  type DriftReport,
  type DriftScore,
  judgeDrift,
} from './drift/judge-drift.ts';
export { type ColumnSample, type ColumnValues, type Sample, sampleOf } from './drift/sample.ts';
export { type SustainedDrift, sustainedDrift } from './drift/sustained.ts';
export { MonitorError, type MonitorErrorCode } from './errors.ts';
export { driftAndPredictions, ingestedData };

/** The dashboards that every project has. */
export const dashboards: readonly Dashboard[] = [ingestedData, driftAndPredictions];
