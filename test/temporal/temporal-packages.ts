import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { TemporalPackages } from '#engine';

/** Where CI installs the packages of Temporal, by a lock of their own: they are a quarter of all that Weir would need. */
export const TEMPORAL_FOLDER = process.env.TEMPORAL_PACKAGES ?? path.resolve('node_modules/.cache/temporal');

export const INSTALL_TEMPORAL_PACKAGES =
  'cp .ci/temporal/*.json node_modules/.cache/temporal && npm ci --prefix node_modules/.cache/temporal';

export const hasTemporalPackages = (): boolean =>
  existsSync(path.join(TEMPORAL_FOLDER, 'node_modules/@temporalio/worker/package.json'));

export function loadTemporalPackages(): TemporalPackages {
  const require = createRequire(path.join(TEMPORAL_FOLDER, 'package.json'));
  return {
    client: require('@temporalio/client'),
    worker: require('@temporalio/worker'),
    activity: require('@temporalio/activity'),
  };
}
