import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { escapeText } from '#contracts';

// Swagger UI writes style elements and draws its icons from data URLs; everything else is a file of this server.
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** OpenAPI 3.1 of all routes at `/docs/json`, generated from their schemas, and Swagger UI at `/docs`. */
export async function registerOpenapi(
  app: FastifyInstance,
  { title, version }: { readonly title: string; readonly version: string },
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: `${title}: API`, version, description: 'Check data, predict, and read what Weir has done.' },
      servers: [],
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_POLICY,
    uiConfig: { deepLinking: true, displayRequestDuration: true, validatorUrl: null },
    // Swagger UI inserts it into its page unchanged.
    theme: { title: escapeText(`${title}: API`) },
  });
}
