/** What programs import as `weir/client`: it runs in Node and in browsers. */

export { API_VERSION } from '../versions.ts';
export {
  type Call,
  type Client,
  type ClientEffects,
  type ClientOptions,
  createClient,
  type Entry,
  type ListName,
} from './client.ts';
export { type Answer, type Refusal, type Request, RequestError, type RouteName } from './exchange.ts';
export {
  PredictStreamError,
  type PredictStreamOptions,
  type StreamedPrediction,
  type StreamedRow,
} from './predict-stream.ts';
