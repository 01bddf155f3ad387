import { type ContractColumn, type Route, routes, toExampleRow, toExampleValue } from '#api';
import { type Column, type Contract, columnWithRole } from '#contracts';
import { toContractColumn } from '../contract-column.ts';
import type { ServerOptions } from '../options.ts';
import { acceptedColumns } from '../predictions/contract-rows.ts';
import { modelTensors } from '../protocols/tensors.ts';

/** A request that the endpoint accepts, as far as the project is known before it runs. */
export interface RouteExample {
  /** Of parameters in the address, by name. */
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number>>;
  /** Bodies by a sentence that says what each does. The first one stands in the form. */
  readonly bodies?: Readonly<Record<string, unknown>>;
  /** Bodies of other media types, by type and then by a sentence. */
  readonly otherBodies?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface ExampleOptions extends Pick<ServerOptions, 'contract' | 'project' | 'dashboards'> {}

/** Examples from the contract and the project, by route. */
export function projectExamples({ contract, project, dashboards }: ExampleOptions): ReadonlyMap<Route, RouteExample> {
  const [firstDashboard] = dashboards;
  const pipeline = project.pipelines.find(({ params }) => params?.safeParse({}).success !== false);
  const schedule = project.schedules.find(({ cron }) => cron !== 'off');
  const change = { by: 'Ada', reason: 'Tried from the documentation' };
  const model = project.name;
  return new Map<Route, RouteExample>([
    ...(contract === undefined ? [] : contractExamples(contract, model)),
    ...(contract === undefined ? [] : protocolExamples(contract, model)),
    [routes.startRun, { params: { name: pipeline?.name ?? 'train' }, bodies: { 'Without params': {} } }],
    [routes.pauseSchedule, { params: { pipeline: schedule?.pipeline ?? 'train' }, bodies: { Pause: change } }],
    [routes.resumeSchedule, { params: { pipeline: schedule?.pipeline ?? 'train' }, bodies: { Resume: change } }],
    [routes.drainWorker, { bodies: { Drain: change } }],
    [routes.promoteVersion, { bodies: { Promote: change } }],
    [routes.challengeVersion, { bodies: { Challenge: change } }],
    [routes.rollBackModel, { bodies: { 'Roll back': change } }],
    [routes.changeAlertRule, { bodies: { 'Another threshold': { ...change, threshold: 0.1, forMinutes: 10 } } }],
    [routes.resetAlertRule, { bodies: { Reset: change } }],
    [routes.acknowledgeAlertRule, { bodies: { Acknowledge: change } }],
    [routes.muteAlertRule, { bodies: { 'For an hour': { ...change, minutes: 60 } } }],
    [routes.unmuteAlertRule, { bodies: { Unmute: change } }],
    [routes.tryAlertRule, { bodies: { 'As it is': {}, 'With another threshold': { threshold: 0.05 } } }],
    [
      routes.createApiKey,
      { bodies: { 'For a program': { ...change, name: 'checkout service', role: 'operator', expiresAt: null } } },
    ],
    [routes.revokeApiKey, { bodies: { Revoke: change } }],
    [routes.logIn, { bodies: { 'With a password': { name: 'ada', password: 'tram window yellow soup' } } }],
    [routes.setUp, { bodies: { 'A first password': { token: '0'.repeat(64), password: 'tram window yellow soup' } } }],
    [routes.logOut, { bodies: { Here: {}, Everywhere: { everywhere: true } } }],
    [
      routes.changePassword,
      { bodies: { Change: { presentPassword: 'tram window yellow soup', nextPassword: 'another long password' } } },
    ],
    [routes.createUser, { bodies: { 'A viewer': { ...change, name: 'grace', role: 'viewer' } } }],
    [routes.changeUserRole, { bodies: { 'More rights': { ...change, role: 'operator' } } }],
    [routes.disableUser, { bodies: { Disable: change } }],
    [routes.enableUser, { bodies: { Enable: change } }],
    [routes.resetUser, { bodies: { Reset: change } }],
    [routes.endUserSessions, { bodies: { 'End all': change } }],
    [
      routes.createPredictionJob,
      { query: { name: `${model}.csv` }, ...(contract && { bodies: fileExample(contract) }) },
    ],
    // Another one than that whose result is asked for.
    [routes.cancelPredictionJob, { params: { id: '2' } }],
    [routes.receiveFile, { query: { name: `${model}.csv` }, ...(contract && { bodies: fileExample(contract) }) }],
    ...(firstDashboard === undefined ? [] : ([[routes.dashboard, { params: { id: firstDashboard.id } }]] as const)),
  ]);
}

/** What takes the filters of past predictions. */
const LISTS = [routes.pastPredictions, routes.exportPastPredictionsCsv, routes.exportPastPredictionsParquet];

function contractExamples(contract: Contract, model: string): readonly (readonly [Route, RouteExample])[] {
  const { accepted, id, time } = acceptedColumns(contract);
  const row = toExampleRow(columnsOf(contract, Object.keys(accepted.columns)));
  const unnamed = Object.fromEntries(Object.entries(row).filter(([name]) => name !== id && name !== time));
  const label = {
    rowId: requiredValue(contract, columnWithRole(contract, 'id')),
    value: requiredValue(contract, columnWithRole(contract, 'label')),
  };
  return [
    [routes.predict, { bodies: { 'One row': row, 'Rows that do not say which they are': [unnamed, unnamed] } }],
    ...LISTS.map((route) => [route, { query: { model, rowId: String(label.rowId) } }] as const),
    [routes.labels, { query: { rowId: String(label.rowId) } }],
    [
      routes.sendLabels,
      { bodies: { 'One label': label, 'With its time': [{ ...label, observedAt: '2026-03-01T12:00:00Z' }] } },
    ],
  ];
}

/** A file of one row with its label. */
function fileExample(contract: Contract): Readonly<Record<string, unknown>> {
  const columns = columnsOf(contract, Object.keys(contract.columns));
  return csvExample(
    columns,
    columns.map(({ name }) => contract.columns[name]?.header ?? name),
  );
}

/** Of a row, without its label, as clients of other systems send it. */
function protocolExamples(contract: Contract, model: string): readonly (readonly [Route, RouteExample])[] {
  const columns = columnsOf(contract, Object.keys(acceptedColumns(contract).accepted.columns));
  const row = toExampleRow(columns);
  const { inputs } = modelTensors(contract);
  const tensors = inputs.map((input) => ({ ...input, shape: [1], data: [row[input.name] ?? null] }));
  const bodies = { 'One row': { inputs: tensors } };
  const described = [routes.inferenceModel, routes.inferenceModelReady];
  const versions = [routes.inferenceModelVersion, routes.inferenceModelVersionReady];
  return [
    ...described.map((route) => [route, { params: { name: model } }] as const),
    ...versions.map((route) => [route, { params: { name: model, version: 'champion' } }] as const),
    [routes.infer, { params: { name: model }, bodies }],
    [routes.inferVersion, { params: { name: model, version: 'champion' }, bodies }],
    [
      routes.invocations,
      {
        bodies: {
          'A data frame': { dataframe_split: { columns: Object.keys(row), data: [Object.values(row)] } },
          'A row by name': { instances: [row] },
        },
        otherBodies: { 'text/csv': csvExample(columns, Object.keys(row)) },
      },
    ],
  ];
}

function csvExample(columns: readonly ContractColumn[], header: readonly string[]): Readonly<Record<string, unknown>> {
  const row = toExampleRow(columns);
  const lines = [header, columns.map(({ name }) => row[name])].map((cells) => cells.map(toCsvCell).join(','));
  return { 'One row': `${lines.join('\n')}\n` };
}

function toCsvCell(value: unknown): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function columnsOf({ columns }: Contract, names: readonly string[]): readonly ContractColumn[] {
  return Object.entries(columns)
    .filter(([name]) => names.includes(name))
    .map(([name, column]) => toContractColumn(name, column));
}

/** An example of a column that must have a value. */
function requiredValue({ columns }: Contract, name: string) {
  // The name was found among the columns.
  const column = columns[name] as Column;
  return toExampleValue({ ...toContractColumn(name, column), nullable: false });
}
