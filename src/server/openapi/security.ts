import type { Access } from '#api';
import type { JsonSchema } from '#contracts';

/** How a request may say who sends it. */
export const SECURITY_SCHEMES: JsonSchema = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'weir_<prefix>_<secret>',
    description: 'An API key, as an admin or `weir keys create` makes it.',
  },
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'x-api-key',
    description: 'The same key, for clients that send it so.',
  },
};

/** What an operation demands; each alternative names the least role. Anyone may use one that demands nothing. */
export function securityOf(access: Access): readonly JsonSchema[] {
  if (access === 'anyone') return [];
  return Object.keys(SECURITY_SCHEMES).map((scheme) => ({ [scheme]: [access] }));
}
