import { ServerError } from '../errors.ts';

const EXPECTED = 'Expected a login, or an API key in the header "authorization: Bearer weir_…"; none came.';

/** The refusal of a request that does not say who sends it, or not so that it can be believed. */
export function loginRequired(message = EXPECTED, { error }: { readonly error?: string } = {}): ServerError {
  const challenge = ['Bearer realm="Weir"', ...(error === undefined ? [] : [`error="${error}"`])].join(', ');
  return new ServerError('login_required', message, { headers: { 'www-authenticate': challenge } });
}
