type Named = { readonly goal: string; readonly task: string; readonly params: Readonly<Record<string, unknown>> };

const DIGEST = /^[0-9a-f]{64}$/;

/**
 * The params that tell each task run from the others of its task in a run, by goal; none where a task has one task run.
 * A digest is left out where the other params tell them apart as well.
 */
export function tellingParams(taskRuns: readonly Named[]): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  const byTask = new Map<string, Named[]>();
  for (const taskRun of taskRuns) {
    const known = byTask.get(taskRun.task);
    if (known === undefined) byTask.set(taskRun.task, [taskRun]);
    else known.push(taskRun);
  }
  const told = new Map<string, Readonly<Record<string, unknown>>>();
  for (const ofTask of byTask.values()) {
    const names = tellingNames(ofTask);
    for (const { goal, params } of ofTask)
      told.set(goal, Object.fromEntries(names.filter((name) => name in params).map((name) => [name, params[name]])));
  }
  return told;
}

function tellingNames(taskRuns: readonly Named[]): readonly string[] {
  const names = [...new Set(taskRuns.flatMap(({ params }) => Object.keys(params)))].filter(
    (name) => new Set(taskRuns.map(({ params }) => JSON.stringify(params[name]))).size > 1,
  );
  const readable = names.filter((name) => !taskRuns.every(({ params }) => DIGEST.test(String(params[name]))));
  const told = new Set(taskRuns.map(({ params }) => JSON.stringify(readable.map((name) => params[name]))));
  return told.size === taskRuns.length ? readable : names;
}
