export { SERVER_ERRORS, ServerError, type ServerErrorCode } from './errors.ts';
export { DEFAULT_LIMITS, type Limits, type ServerOptions, type ServerProject } from './options.ts';
export { createPredictor, type Predicted, type Predictor, type PredictorOptions } from './predictions/predictor.ts';
export { createServer, type ListenOptions, type Server } from './server.ts';
