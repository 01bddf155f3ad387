import { copyFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Contract, columnWithRole, copyColumns } from '#contracts';
import { defineTask, value } from '#engine';
import { dataFiles } from '../data-files.ts';
import { type DataPlaces, placeIn } from '../places/data-places.ts';

export interface FeedLabelsOptions {
  /** The contract of the project, with its label. */
  readonly contract: Contract;
  /** Where labels wait until they are due. */
  readonly waitingFolder: string;
  /** Where they arrive then. */
  readonly labelsFolder: string;
  readonly places: DataPlaces;
}

/** A waiting file begins with the moment, in milliseconds, at which it is due. */
const WAITING = /^(?<due>\d{13})\.(?<name>.+)$/;

export const waitingName = (dueMs: number, name: string): string => `${String(dueMs).padStart(13, '0')}.${name}`;

/** Parts a file with labels in two: its rows without the label, and the label of each id. */
export async function partLabels(
  file: string,
  {
    contract,
    into,
  }: { readonly contract: Contract; readonly into: { readonly rows: string; readonly labels: string } },
): Promise<void> {
  const [id, label] = [columnWithRole(contract, 'id'), columnWithRole(contract, 'label')];
  await copyColumns(file, { contract, into: into.rows, isKept: (name) => name !== label });
  await copyColumns(file, { contract, into: into.labels, isKept: (name) => name === id || name === label });
}

/** The files of labels that are due. */
export async function dueLabels({ waitingFolder }: FeedLabelsOptions, at: Date): Promise<readonly string[]> {
  const files = await dataFiles(waitingFolder);
  return files.filter((file) => Number(WAITING.exec(file)?.groups?.due ?? Number.POSITIVE_INFINITY) <= at.getTime());
}

/** Lets a waiting file of labels arrive. */
export function feedLabelsTask({ waitingFolder, labelsFolder, places }: FeedLabelsOptions) {
  return defineTask({
    name: 'feed-label-data',
    version: '1',
    params: z.object({ waiting: z.string() }),
    // A value and no file output: the file is consumed, and must not arrive again.
    outputs: { fed: value<string>() },
    run: async ({ params, folder, file, log }) => {
      const name = WAITING.exec(params.waiting)?.groups?.name ?? params.waiting;
      const copy = path.join(folder, 'labels');
      await copyFile(path.join(waitingFolder, params.waiting), copy);
      const place = placeIn(labelsFolder, name);
      await places.makeRoom([place], new Set([place]));
      const { path: fed } = await places.place({ from: copy, to: place }, file);
      log(`labels of ${name}`);
      return { fed };
    },
  });
}

/** Removes files of labels that have arrived. */
export async function removeWaiting({ waitingFolder }: FeedLabelsOptions, files: readonly string[]): Promise<void> {
  for (const file of files) await rm(path.join(waitingFolder, path.basename(file)), { force: true });
}
