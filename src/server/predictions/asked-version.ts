import { ServerError } from '../errors.ts';
import type { AskedVersion } from './predictor.ts';

/** A version as a client names it: `3`, `champion`, `challenger`, or one of these behind the name of the model. */
export function toAskedVersion(given: number | string | undefined, model: string): AskedVersion | undefined {
  const text = String(given ?? 'champion');
  const at = text.lastIndexOf('@');
  if (at >= 0 && text.slice(0, at) !== model) throw unknownModel(text.slice(0, at), model);
  const name = text.slice(at + 1);
  if (name === 'champion') return undefined;
  return name === 'challenger' ? name : Number(name);
}

/** The error of a request that names another model than the project has. */
export function unknownModel(given: string, model: string): ServerError {
  return new ServerError('model_unknown', `There is no model ${JSON.stringify(given)} here. Expected ${model}.`);
}
