export { ServerError, type ServerErrorCode } from './errors.ts';
export type { Limits, ServerOptions, ServerProject } from './options.ts';
export type { Predicted, Predictor, PredictorOptions } from './predictions/predictor.ts';
export { createServer, type ListenOptions, type Server } from './server.ts';
