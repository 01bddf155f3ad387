import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import type { LineageEvent } from '../../../src/pipelines/lineage/event.ts';

const FOLDER = path.join(import.meta.dirname, '../../fixtures/openlineage');

const ajv = new Ajv.default({ strict: false, allErrors: true });
ajv.addFormat('uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/);
ajv.addFormat('uri', /^[a-z][a-z0-9+.-]*:\S+$/);
for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.json')))
  ajv.addSchema(JSON.parse(readFileSync(path.join(FOLDER, name), 'utf8')));

/** What is wrong with an event by the published schemas: of the event, and of each facet that it has. */
export function problemsOf(event: LineageEvent): readonly string[] {
  const facets = [
    event.run.facets,
    event.job.facets,
    ...[...event.inputs, ...event.outputs].flatMap((dataset) => [
      ...[dataset.facets ?? {}, dataset.inputFacets ?? {}, dataset.outputFacets ?? {}],
    ]),
  ].flatMap((each) => Object.values(each));
  return [
    ...errorsOf('https://openlineage.io/spec/2-0-2/OpenLineage.json', event),
    ...facets.flatMap((facet) => errorsOf(facet._schemaURL, facet)),
  ];
}

function errorsOf(schema: string, value: unknown): readonly string[] {
  const validate = ajv.getSchema(schema);
  if (validate === undefined) return [`There is no schema ${schema}.`];
  return validate(value) ? [] : [`${schema}: ${ajv.errorsText(validate.errors)}`];
}
