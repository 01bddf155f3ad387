import fc from 'fast-check';
import { inject } from 'vitest';
import { propertyRuns } from '../kills/choose-kills.ts';

/** How often fast-check tries a property that does not say. */
const RUNS = 100;

// A property that names no seed takes that of the run, which its log tells: what failed can be tried again.
fc.configureGlobal({ seed: inject('kills').seed, numRuns: propertyRuns(RUNS) });
