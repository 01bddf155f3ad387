/** A facet: a part of an event with a schema of its own. */
export interface Facet {
  readonly _producer: string;
  readonly _schemaURL: string;
  readonly [field: string]: unknown;
}

export type Facets = Readonly<Record<string, Facet>>;

export interface LineageDataset {
  readonly namespace: string;
  readonly name: string;
  readonly facets?: Facets;
  readonly inputFacets?: Facets;
  readonly outputFacets?: Facets;
}

/** A run event of OpenLineage 2-0-2. */
export interface LineageEvent {
  readonly eventType: 'START' | 'COMPLETE' | 'FAIL' | 'ABORT';
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: { readonly runId: string; readonly facets: Facets };
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Facets };
  readonly inputs: readonly LineageDataset[];
  readonly outputs: readonly LineageDataset[];
}

const SPEC = 'https://openlineage.io/spec';
export const EVENT_SCHEMA = `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`;
export const PRODUCER = 'urn:weir';

/** The version and name of each facet's schema. */
const SCHEMAS = {
  parent: ['1-2-0', 'ParentRunFacet'],
  errorMessage: ['1-0-1', 'ErrorMessageRunFacet'],
  nominalTime: ['1-0-1', 'NominalTimeRunFacet'],
  processing_engine: ['1-1-1', 'ProcessingEngineRunFacet'],
  jobType: ['2-0-4', 'JobTypeJobFacet'],
  ownership: ['1-0-1', 'OwnershipJobFacet'],
  version: ['1-0-1', 'DatasetVersionDatasetFacet'],
  schema: ['1-2-0', 'SchemaDatasetFacet'],
  outputStatistics: ['1-0-2', 'OutputStatisticsOutputDatasetFacet'],
  dataQualityMetrics: ['1-0-3', 'DataQualityMetricsInputDatasetFacet'],
  dataQualityAssertions: ['1-1-0', 'DataQualityAssertionsDatasetFacet'],
} as const;

/** A facet by its name, with the schema that it follows. */
export function facet(name: keyof typeof SCHEMAS, fields: Readonly<Record<string, unknown>>): Facets {
  const [version, schema] = SCHEMAS[name];
  return {
    [name]: {
      _producer: PRODUCER,
      _schemaURL: `${SPEC}/facets/${version}/${schema}.json#/$defs/${schema}`,
      ...fields,
    },
  };
}
