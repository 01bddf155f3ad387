import type { FastifySchema, FastifySchemaCompiler } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { z } from 'zod';

/** For a body that the contract validates, with the position of each problem: its schema is for OpenAPI only. */
export const compileAllButBody: FastifySchemaCompiler<FastifySchema> = ({ schema, ...route }) => {
  if (route.httpPart === 'body') return (value: unknown) => ({ value });
  // `fulfil` passes on the schemas of `#api`, which are all zod schemas.
  return validatorCompiler({ ...route, schema: schema as z.ZodType });
};
