import type { z } from 'zod';
import { type Access, errorBody, NDJSON_TYPE, PROBLEM_TYPE, type Route, routes, tags, versionedPath } from '#api';
import type { JsonSchema } from '#contracts';
import { SERVER_ERRORS, ServerError, type ServerErrorCode } from '../errors.ts';
import type { ServerOptions } from '../options.ts';
import { toBody } from '../to-server-error.ts';
import { type Components, createComponents } from './components.ts';
import { contractSchemas } from './contract-schemas.ts';
import { type ExampleOptions, projectExamples, type RouteExample } from './examples.ts';
import { featureParameters } from './feature-parameters.ts';
import { refusalsOf } from './refusals.ts';
import { SECURITY_SCHEMES, securityOf } from './security.ts';

const JSON_TYPE = 'application/json';
const EXAMPLE_REQUEST_ID = '0f8fad5b-d9cb-469f-a165-70867728950e';
// These are the keys of the table.
const errorCodes = Object.keys(SERVER_ERRORS) as ServerErrorCode[];

export interface OpenapiOptions extends ExampleOptions, Pick<ServerOptions, 'access'> {}

/** OpenAPI 3.1 of every route of `#api`, with the schemas and examples of the project's contract. */
export function toOpenapi(options: OpenapiOptions): JsonSchema {
  const { contract, project } = options;
  const isSecured = options.access?.isLoginRequired === true;
  const components = createComponents(contract === undefined ? {} : contractSchemas(contract));
  const examples = projectExamples(options);
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const [operationId, route] of Object.entries<Route>(routes)) {
    const path = versionedPath(route.path).replace(/:(\w+)/g, '{$1}');
    const example = examples.get(route) ?? {};
    const features = contract !== undefined && BY_FEATURE.includes(route) ? featureParameters(contract) : [];
    const security = isSecured ? { security: securityOf(route.access) } : {};
    const operation = { operationId, ...security, ...toOperation(route, { components, example, features }) };
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: `${project.title}: API`,
      version: project.version,
      description:
        'Check data, predict, and read what Weir has done. The pages are at [/](/), this document is at [/docs/json](/docs/json).',
    },
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      ...(isSecured ? { securitySchemes: SECURITY_SCHEMES } : {}),
      ...{ schemas: components.collected(), examples: errorExamples() },
    },
  };
}

/** What is filtered by features. */
const BY_FEATURE: readonly Route[] = [
  routes.pastPredictions,
  routes.exportPastPredictionsCsv,
  routes.exportPastPredictionsParquet,
];

interface OperationOptions {
  readonly components: Components;
  readonly example: RouteExample;
  readonly features: readonly JsonSchema[];
}

function toOperation(route: Route, options: OperationOptions): JsonSchema {
  const { tag, summary, access, params, query, headers } = route;
  return {
    tags: [tag],
    summary,
    ...(route.deprecated === undefined ? {} : { deprecated: true }),
    description: roleInWords(access),
    parameters: [
      ...toParameters(params, { in: 'path', ...options }),
      ...toParameters(query, { in: 'query', ...options }),
      ...options.features,
      ...toParameters(headers, { in: 'header', ...options }),
    ],
    ...(route.body && { requestBody: toRequestBody(route, route.body, options) }),
    responses: {
      200: toAnswer(route, options),
      ...(route.isTagged === true
        ? { 304: { description: 'The answer is still the one whose tag was sent in `if-none-match`.' } }
        : {}),
      ...toRefusals(route, options),
    },
  };
}

const roleInWords = (access: Access): string =>
  access === 'anyone' ? 'For anyone.' : `Needs the role \`${access}\` where a login is required.`;

interface ParameterOptions extends OperationOptions {
  readonly in: 'path' | 'query' | 'header';
}

function toParameters(
  schema: z.ZodType | undefined,
  { components, example, features: _, ...place }: ParameterOptions,
): readonly JsonSchema[] {
  if (schema === undefined) return [];
  // The parameters of a route are fields of an object.
  const { properties = {}, required = [] } = components.toSchema(schema, 'input') as {
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly required?: readonly string[];
  };
  const given = { path: example.params, query: example.query, header: undefined }[place.in];
  return Object.entries(properties).map(([name, { description, examples: usual = [], ...property }]) => {
    // JSON Schema has a list of examples.
    const examples = given?.[name] === undefined ? (usual as readonly unknown[]) : [given[name]];
    const isRequired = required.includes(name);
    return {
      ...{ name, ...place, required: isRequired },
      ...(description === undefined ? {} : { description }),
      // Swagger UI fills this into its form; a filter that nobody asked for would hide what is there.
      ...(isRequired && examples.length > 0 ? { example: examples[0] } : {}),
      schema: { ...property, ...(examples.length === 0 ? {} : { examples }) },
    };
  });
}

function toRequestBody(
  { isRaw, lines, otherBodies = {} }: Route,
  schema: z.ZodType,
  { components, example: { bodies = {}, otherBodies: texts = {} } }: OperationOptions,
): JsonSchema {
  const examples = toExamples(bodies);
  if (isRaw)
    return {
      required: true,
      content: {
        'text/csv': { schema: { type: 'string' }, examples },
        'application/octet-stream': { schema: components.toSchema(schema, 'input') },
      },
    };
  return {
    required: !schema.safeParse(null).success,
    content: {
      [JSON_TYPE]: { schema: components.toSchema(schema, 'input'), examples },
      ...(lines && { [NDJSON_TYPE]: { schema: components.toSchema(lines.body, 'input') } }),
      ...Object.fromEntries(
        Object.entries(otherBodies).map(([type, other]) => [
          type,
          { schema: components.toSchema(other, 'input'), examples: toExamples(texts[type] ?? {}) },
        ]),
      ),
    },
  };
}

const toExamples = (bodies: Readonly<Record<string, unknown>>): JsonSchema =>
  Object.fromEntries(
    Object.entries(bodies).map(([summary, value], index) => [`example${index + 1}`, { summary, value }]),
  );

function toAnswer({ answer, answerType = JSON_TYPE, lines }: Route, { components }: OperationOptions): JsonSchema {
  return {
    description: 'What was asked for.',
    content: {
      [answerType]: { schema: components.toSchema(answer, 'output') },
      ...(lines && { [NDJSON_TYPE]: { schema: components.toSchema(lines.answer, 'output') } }),
    },
  };
}

/** For each status the errors it stands for, with an example of each. */
function toRefusals(route: Route, { components }: OperationOptions): Readonly<Record<string, JsonSchema>> {
  const error = components.toSchema(route.refusal ?? errorBody, 'output');
  const codes = refusalsOf(route);
  const statuses = [...new Set(codes.map((code) => SERVER_ERRORS[code].status))].sort();
  const answers = statuses.map((status) => {
    const meant = codes.filter((code) => SERVER_ERRORS[code].status === status);
    const content = {
      [PROBLEM_TYPE]: { schema: error, examples: examplesOf(meant) },
      ...(status === 503 && route.unavailable
        ? { [JSON_TYPE]: { schema: components.toSchema(route.unavailable, 'output') } }
        : {}),
    };
    return [status, { description: meant.map(inWords).join('\n'), content }] as const;
  });
  return Object.fromEntries(answers);
}

const inWords = (code: ServerErrorCode): string => `- \`${code}\`: ${SERVER_ERRORS[code].message}`;

function examplesOf(codes: readonly ServerErrorCode[]): JsonSchema {
  return Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]));
}

/** An answer for each error. */
function errorExamples(): JsonSchema {
  return Object.fromEntries(
    errorCodes.map((code) => {
      const error = new ServerError(code);
      return [code, { summary: error.title, value: toBody(error, EXAMPLE_REQUEST_ID) }];
    }),
  );
}
