import type { CodeBuilder, CodeEffects } from './build-code.ts';
import type { CodeOptions } from './built-task.ts';
import type { ModuleBundle, ModuleOptions } from './bundle-module.ts';

// The builder and its parser are loaded when something is built. A process that runs tasks never builds, nor does a
// command that only asks the database.

/** Bundles each task with everything of the project it reaches; see `build-code.ts`. */
export async function createCodeBuilder(options: CodeOptions, effects?: Partial<CodeEffects>): Promise<CodeBuilder> {
  const code = await import('./build-code.ts');
  return code.createCodeBuilder(options, effects);
}

/** Bundles a file, and what of its project it imports, to one module; see `bundle-module.ts`. */
export async function bundleModule(options: ModuleOptions): Promise<ModuleBundle> {
  const code = await import('./bundle-module.ts');
  return code.bundleModule(options);
}
