import type { FastifyInstance } from 'fastify';
import { registerAlertChannels } from './alert-channels.ts';
import { registerAlertRules } from './alert-rules.ts';
import { registerAlerts } from './alerts.ts';
import { registerApiKeys } from './api-keys.ts';
import { registerAuditLog } from './audit-log.ts';
import { registerChecks } from './checks.ts';
import type { RouteContext } from './context.ts';
import { registerContract } from './contract.ts';
import { registerDashboards } from './dashboards.ts';
import { registerDatabase } from './database.ts';
import { registerDatasets } from './datasets.ts';
import { registerDrift } from './drift.ts';
import { registerExports } from './export-predictions.ts';
import { registerFiles } from './files.ts';
import { registerHealth } from './health.ts';
import { registerLabels } from './labels.ts';
import { registerMlflow } from './mlflow.ts';
import { registerModels } from './models.ts';
import { registerOidc } from './oidc.ts';
import { registerOpenInference } from './open-inference.ts';
import { registerOutputs } from './outputs.ts';
import { registerPastPredictions } from './past-predictions.ts';
import { registerPerformance } from './performance.ts';
import { registerPredict } from './predict.ts';
import { registerPredictionJobs } from './prediction-jobs.ts';
import { registerProject } from './project.ts';
import { registerReports } from './reports.ts';
import { registerRunEvents } from './run-events.ts';
import { registerRuns } from './runs.ts';
import { registerSchedules } from './schedules.ts';
import { registerSessions } from './sessions.ts';
import { registerUsers } from './users.ts';
import { registerWorkers } from './workers.ts';

const REGISTRATIONS = [
  registerHealth,
  registerProject,
  registerDatabase,
  registerContract,
  registerPredict,
  registerPredictionJobs,
  registerOpenInference,
  registerMlflow,
  registerPastPredictions,
  registerExports,
  registerRuns,
  registerOutputs,
  registerRunEvents,
  registerSchedules,
  registerWorkers,
  registerFiles,
  registerChecks,
  registerReports,
  registerModels,
  registerPerformance,
  registerDatasets,
  registerLabels,
  registerDashboards,
  registerDrift,
  registerAlerts,
  registerAlertChannels,
  registerAlertRules,
  registerApiKeys,
  registerSessions,
  registerOidc,
  registerUsers,
  registerAuditLog,
] as const;

/** Implements every route of `#api`, and those that are not JSON: reports and events. */
export function registerRoutes(app: FastifyInstance, context: RouteContext): void {
  for (const register of REGISTRATIONS) register(app, context);
}
