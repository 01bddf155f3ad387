import { z } from 'zod';

/** 90 days, as far back as dashboards look. */
export const WINDOW_MINUTES_MAX = 129_600;
/** A year. */
export const INTERVAL_MINUTES_MAX = 527_040;

/** How far back a condition looks. */
export const windowMinutes = z
  .number()
  .min(1)
  .max(WINDOW_MINUTES_MAX)
  .meta({ description: 'How far back it looks', unit: 'minutes' });
/** The usual time between two runs of a pipeline. */
export const intervalMinutes = z
  .number()
  .gt(0)
  .max(INTERVAL_MINUTES_MAX)
  .meta({ description: 'The usual time between two of them', unit: 'minutes' });
