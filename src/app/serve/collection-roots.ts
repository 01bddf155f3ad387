import { reportDigests } from '#contracts';
import type { RootProvider } from '#engine';
import { modelDigests } from '#ml';

/** What a collection leaves although no result names it: model versions, and the reports of checks. */
export const collectionRoots: readonly RootProvider[] = [
  { name: 'the model registry', keeps: modelDigests },
  { name: 'the reports of checks', keeps: reportDigests },
];
