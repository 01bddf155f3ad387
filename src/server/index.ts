export { ServerError } from './errors.ts';
export type {
  LoadedState,
  ServerAccess,
  ServerFiles,
  ServerJobs,
  ServerOptions,
  ServerReach,
  ServerReload,
} from './options.ts';
export {
  type DescribedOutput,
  describeOutputs,
  type OutputFacts,
  type OutputQuestion,
} from './outputs/describe-outputs.ts';
export { rowsPredictor } from './predictions/predict-rows.ts';
export { createPredictionService } from './predictions/prediction-service.ts';
export { createPredictor, type PredictorOptions } from './predictions/predictor.ts';
export { createServer, type Server } from './server.ts';
export { toServerError } from './to-server-error.ts';
