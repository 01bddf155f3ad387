import { z } from 'zod';

/** How windows are made and judged; `docs/drift.md` says what they mean. */
export const driftSettings = z
  .strictObject({
    windowMinutes: z.int().min(1).max(10_080).default(60).meta({
      description: 'How long a window is whose rows and predictions are judged for drift.',
      unit: 'minutes',
    }),
    latenessMinutes: z.number().min(0).max(10_080).default(5).meta({
      description: 'How long after its time a row may arrive and still be judged with its window.',
      unit: 'minutes',
    }),
    rowsMin: z.int().min(2).max(100_000).default(100).meta({
      description: 'Fewer rows give no verdict: a window with fewer is merged with those that follow.',
      unit: 'rows',
    }),
    mergedMax: z.int().min(1).max(1_000).default(24).meta({
      description:
        'How many windows are merged at most; the longest one ends without a verdict when it has too few rows.',
    }),
    sustainedWindows: z.int().min(1).max(100).default(3).meta({
      description: 'Drift in this many of the last windows is drift over time, which alerts are about.',
    }),
    lastWindows: z.int().min(1).max(100).default(5).meta({
      description: 'How many of the last windows that is counted in; at least `drift.sustainedWindows`.',
    }),
    falseAlarmRate: z.number().gt(0).lt(1).default(0.05).meta({
      description: 'Share of the windows without drift that may be called drifted, over all columns together.',
    }),
  })
  .refine(({ sustainedWindows, lastWindows }) => sustainedWindows <= lastWindows, {
    path: ['lastWindows'],
    error: 'expected at least drift.sustainedWindows',
  });
