import type { TemporalPackages } from '#engine';
import { UsageError } from '../project/errors.ts';

const INSTALL = 'npm install @temporalio/client@1.24.0 @temporalio/worker@1.24.0 @temporalio/activity@1.24.0';

/** The packages of Temporal, which are installed only where they are used. */
export async function loadTemporal(): Promise<TemporalPackages> {
  try {
    const [client, worker, activity] = await Promise.all([
      import('@temporalio/client'),
      import('@temporalio/worker'),
      import('@temporalio/activity'),
    ]);
    return { client, worker, activity };
  } catch (cause) {
    throw new UsageError(
      'config_invalid',
      `Expected the packages of Temporal for engine.remote.transport: temporal, and they cannot be loaded. Install them beside Weir: ${INSTALL}`,
      { cause },
    );
  }
}
