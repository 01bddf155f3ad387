import type { Engine } from '#engine';
import type { Environment } from '../project/config.ts';
import { type StartedProject, startEngine } from './start-project.ts';

/**
 * An engine for one command. In a project with a model that nobody serves it serves the API too, because predictions go
 * over HTTP. As the owner of the state it takes up what an ended process left.
 */
export async function openEngine(
  project: StartedProject,
  options: { readonly version: string; readonly environment: Environment },
): Promise<Engine> {
  const { wiring, stack, signal, apiUrl, log, isOwner } = project;
  const engine = startEngine(project, options.environment);
  stack.push(() => engine.close());
  if (!isOwner) return engine;
  if (wiring.project.contract !== undefined) {
    const { startServer } = await import('./start-server.ts');
    const { hostname, port } = new URL(apiUrl);
    await startServer({ ...options, host: hostname, port: Number(port), wiring, engine, log, stack });
  }
  await engine.recover();
  signal.throwIfAborted();
  return engine;
}
