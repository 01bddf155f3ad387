import type { Contract } from '#contracts';
import { defineFeatures, type Estimator, type Features } from '#ml';
import type { Database } from '#store';

/** What `prepare` may touch: the named connections and a folder of its own for files it makes. */
export interface PrepareContext {
  connection(name: string): Database;
  /** Absolute path of the project's state folder; files written here stay out of version control. */
  readonly stateFolder: string;
  readonly projectFolder: string;
}

/** Everything Weir must know of one use case. The rest derives from the contract. */
export interface Project {
  /** Kebab-case; also the name of the model. */
  readonly name: string;
  readonly title: string;
  readonly contract: Contract;
  readonly features: Features;
  readonly estimator: Estimator;
  /** Where training rows come from: a SQL file, relative to the project, over a named connection of the configuration. */
  readonly training: { readonly connection: string; readonly sql: string };
  /** Sets the project up. Called at every start, so it must be repeatable and quick when there is nothing to do. */
  readonly prepare?: (context: PrepareContext) => Promise<void>;
}

export type ProjectOptions = Omit<Project, 'features'> & { readonly features?: Features };

/** Describes a project; nothing runs. Throws when the name is not kebab-case or the contract has no id or no label. */
export function defineProject(options: ProjectOptions): Project {
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(options.name)) {
    throw new TypeError(
      `A project name is kebab-case, at most 63 characters; got ${JSON.stringify(options.name)}. Rename it in project.ts.`,
    );
  }
  for (const role of ['id', 'label'] as const) {
    const columns = Object.keys(options.contract.columns).filter(
      (name) => options.contract.columns[name]?.role === role,
    );
    if (columns.length !== 1) {
      throw new TypeError(
        `The contract of project ${options.name} needs exactly one column with role '${role}'; got ${columns.length === 0 ? 'none' : columns.join(', ')}.`,
      );
    }
  }
  return Object.freeze({ ...options, features: options.features ?? defineFeatures() });
}

/** Name of the one column with the role. */
export function columnWithRole(contract: Contract, role: 'id' | 'label'): string {
  const name = Object.keys(contract.columns).find((column) => contract.columns[column]?.role === role);
  if (name === undefined) throw new TypeError(`The contract ${contract.name} has no column with role '${role}'.`);
  return name;
}
