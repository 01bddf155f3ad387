export { ServerError, type ServerErrorCode } from './errors.ts';
export type { Limits, ServerOptions, ServerProject } from './options.ts';
export {
  createPredictionService,
  type PredictionRequest,
  type PredictionService,
  type PredictionServiceOptions,
} from './predictions/prediction-service.ts';
export { createPredictor, type Predicted, type Predictor, type PredictorOptions } from './predictions/predictor.ts';
export { createServer, type ListenOptions, type Server } from './server.ts';
export { toBody, toServerError } from './to-server-error.ts';
