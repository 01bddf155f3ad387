import { type AnyTask, type CollectionItem, type CollectOptions, collectGarbage, listCollectionItems } from '#engine';
import { tasks } from '../fixtures/tasks.ts';
import type { Workbench } from '../fixtures/workbench.ts';

type Given = Partial<CollectOptions>;

/** Nothing is too young, and what a newer version replaced goes at once. */
export const AT_ONCE: Given = { graceMs: 0, supersededDaysMax: 0 };

export function collectOn({ database, artifacts }: Workbench, options: Given = {}) {
  // What was put this very moment counts as put before.
  const now = () => new Date(Date.now() + 60_000);
  const given = { ...AT_ONCE, tasks: tasks as readonly AnyTask[], roots: [], actor: 'a test', effects: { now } };
  return collectGarbage({ database, artifacts, ...given, ...options });
}

export async function itemsOf({ database }: Workbench, id: string): Promise<readonly CollectionItem[]> {
  const items: CollectionItem[] = [];
  for await (const item of listCollectionItems(database, id)) items.push(item);
  return items;
}

export async function blobsOf({ artifacts }: Workbench): Promise<readonly string[]> {
  const digests: string[] = [];
  for await (const { digest } of artifacts.list()) digests.push(digest);
  return digests;
}
