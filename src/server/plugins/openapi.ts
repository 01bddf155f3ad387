import swagger, { type StaticDocumentSpec } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { escapeText } from '#contracts';
import { type OpenapiOptions, toOpenapi } from '../openapi/document.ts';

// Swagger UI draws its icons from data URLs; everything else is a file of this server. It sets styles of elements by
// script, which a policy lets through, and writes none as text.
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const DOCUMENT_PATH = '/docs/json';

/** OpenAPI 3.1 of all routes at `/docs/json`, generated from their schemas, and Swagger UI at `/docs`. */
export async function registerOpenapi(app: FastifyInstance, options: OpenapiOptions): Promise<void> {
  // The plugin passes the document on as it is; its type knows OpenAPI 3.0 only.
  const document = toOpenapi(options) as unknown as StaticDocumentSpec['document'];
  app.addHook('onRoute', (route) => {
    if (route.url === DOCUMENT_PATH) route.config = { ...route.config, isTagged: true };
  });
  await app.register(swagger, { mode: 'static', specification: { document } });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_POLICY,
    uiConfig: {
      // Without the bar of another product, which also loads documents of other servers.
      layout: 'BaseLayout',
      deepLinking: true,
      displayRequestDuration: true,
      // The units of columns.
      showExtensions: true,
      validatorUrl: null,
    },
    // Swagger UI inserts it into its page unchanged.
    theme: { title: escapeText(`${options.project.title}: API`) },
  });
}
