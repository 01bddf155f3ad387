import { z } from 'zod';
import { type Contract, columnWithRole } from '#contracts';
import type { Pipeline, Sink, Source } from '#engine';
import { defineFeatures, type Estimator, type Features } from '#ml';
import type { Database } from '#store';
import { PipelineError } from './errors.ts';
import { assertReferences, type References } from './references.ts';
import { type TrainingSource, trainingSourceSchema } from './train/sources.ts';

/** What `prepare` may use: the named connections and a folder for its own files. */
export interface PrepareContext {
  /** A database under `connections` of the settings. */
  connection(name: string): Database;
  /** Absolute path of the project's state folder; files written here stay out of version control. */
  readonly stateFolder: string;
  /** Absolute path of the folder of `project.ts`. */
  readonly projectFolder: string;
}

/** The parts of a model. A project has all of them, or none. */
export interface ModelParts {
  /** What the data must be; one column is the `id`, one the `label` that the model predicts. Absent without a model. */
  readonly contract: Contract;
  /** How columns become numbers; as their kinds suggest unless set. */
  readonly features: Features;
  /** What learns: `knn({ k: 25 })`. Absent without a model. */
  readonly estimator: Estimator;
  /** Where rows to train on come from. Where an id occurs in several sources, the last one counts. Absent without a model. */
  readonly training: readonly TrainingSource[];
  /** The other datasets that the contract compares files with; none unless it names some. */
  readonly references: References;
}

interface AnyProject {
  /** Kebab-case; also the name of the model. */
  readonly name: string;
  /** What the pages of Weir call it. */
  readonly title: string;
  /**
   * Files of the project's own tasks, relative to `project.ts`; none unless set. Each `export const … =
   * defineTask({…})` in them is one.
   */
  readonly tasks: readonly string[];
  /** What comes in from outside by partitions: `[folderSource({…})]`; none unless set. */
  readonly sources: readonly Source[];
  /**
   * Stores that its tasks write rows to, beside the named connections, which are sinks under their names; none unless
   * set.
   */
  readonly sinks?: (context: Pick<PrepareContext, 'connection'>) => readonly Sink[];
  /** Pipelines of its own; none unless set. `schedules` in the configuration says when they run. */
  readonly pipelines: readonly Pipeline[];
  /** Sets the project up; nothing is done unless set. Called at every start, so it must be repeatable and quick when there is
   * nothing to do. */
  readonly prepare?: (context: PrepareContext) => Promise<void>;
}

/** A project that learns: Weir derives ingestion, training, predictions and monitoring from its contract. */
export interface ModelProject extends AnyProject, ModelParts {}

/** A project with its own tasks and pipelines only. */
export type PlainProject = AnyProject & { readonly [part in keyof ModelParts]?: undefined };

/** The definition of a project. `contract === undefined` distinguishes the two kinds. */
export type Project = ModelProject | PlainProject;

type Lists = 'tasks' | 'sources' | 'pipelines';
type Given<P extends AnyProject> = Omit<P, 'features' | Lists> & Partial<Pick<AnyProject, Lists>>;
/** Options of a project with a model: `contract`, `estimator` and `training` are needed. */
export type ModelProjectOptions = Omit<Given<ModelProject>, 'training' | 'references'> & {
  /**
   * The other datasets that the contract compares files with, by their names there: `{ customers: { goal: accepted.goal({}),
   * output: 'good' } }`. A check reads them as inputs, so files are checked again when they change. None unless set.
   */
  readonly references?: References;
  /** How columns become numbers; as their kinds suggest unless set. */
  readonly features?: Features;
  /**
   * Where rows to train on come from: `fromSql(…)`, `fromFiles(…)`, `fromGoodData()`, or a list of them. Where an id occurs
   * in several sources, the last one counts.
   */
  readonly training: TrainingSource | readonly TrainingSource[];
};
/** Options of a project without a model. */
export type PlainProjectOptions = Given<PlainProject>;

const PARTS_NEEDED = ['contract', 'estimator', 'training'] as const;

/**
 * Defines a project; nothing runs. Throws when the name is not kebab-case, a part of the model is missing, or its
 * contract has no id or no label.
 */
export function defineProject(options: ModelProjectOptions): ModelProject;
export function defineProject(options: PlainProjectOptions): PlainProject;
export function defineProject(options: ModelProjectOptions | PlainProjectOptions): Project {
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(options.name)) {
    throw new PipelineError(
      'project_invalid',
      `A project name is kebab-case, at most 63 characters; got ${JSON.stringify(options.name)}. Rename it in project.ts.`,
    );
  }
  const { tasks = [], sources = [], pipelines = [] } = options;
  const own = { tasks, sources, pipelines };
  if (options.contract === undefined) {
    assertNoParts(options);
    return Object.freeze({ ...options, ...own });
  }
  assertAllParts(options);
  for (const role of ['id', 'label'] as const) assertOneColumn(options, role);
  const training = trainingOf(options);
  const { references = {} } = options;
  assertReferences(options.name, options.contract, references);
  return Object.freeze({ ...options, ...own, training, references, features: options.features ?? defineFeatures() });
}

function assertNoParts(options: PlainProjectOptions): void {
  const given = PARTS_NEEDED.filter((part) => options[part] !== undefined);
  if (given.length === 0) return;
  throw new PipelineError(
    'project_invalid',
    `Project ${options.name} has ${given.join(' and ')} and no contract. A model needs contract, estimator and training; a project without a model has none of them.`,
  );
}

function assertAllParts(options: ModelProjectOptions): void {
  const missing = PARTS_NEEDED.filter((part) => options[part] === undefined);
  if (missing.length === 0) return;
  throw new PipelineError(
    'project_invalid',
    `Project ${options.name} has a contract and no ${missing.join(' and no ')}. A model needs contract, estimator and training; leave out all of them for a project without a model.`,
  );
}

function assertOneColumn({ name, contract }: ModelProjectOptions, role: 'id' | 'label'): void {
  const columns = Object.keys(contract.columns).filter((column) => contract.columns[column]?.role === role);
  if (columns.length === 1) return;
  throw new PipelineError(
    'project_invalid',
    `The contract of project ${name} needs exactly one column with role '${role}'; got ${columns.length === 0 ? 'none' : columns.join(', ')}.`,
  );
}

function trainingOf({ name, training }: ModelProjectOptions): readonly TrainingSource[] {
  const found = z.array(trainingSourceSchema).min(1).safeParse([training].flat());
  if (found.success) return found.data;
  throw new PipelineError(
    'project_invalid',
    `training of project ${name} must be fromSql({ connection, sql }), fromFiles(path) or fromGoodData(), or a list of them; got ${JSON.stringify(training)}.`,
  );
}

/** Roles whose columns may come later than their row, or not at all. */
export const LATER_ROLES = ['label'] as const;

/** What an arriving file must be: the project's contract, whose label may not be known yet. */
export function arrivingContract(contract: Contract): Contract {
  const label = columnWithRole(contract, 'label');
  const columns = Object.entries(contract.columns).map(
    ([name, column]) => [name, name === label ? { ...column, nullable: true } : column] as const,
  );
  return { ...contract, columns: Object.fromEntries(columns) };
}
