import { z } from 'zod';
import { numberId } from './number-id.ts';
import { pastExportQuery, pastPrediction, pastPredictions, pastPredictionsQuery } from './past-predictions.ts';

/** All past predictions of a filter as a file. */
export const exportPath = (format: 'csv' | 'parquet'): string => `/api/past-predictions/export.${format}`;

const file = z.unknown().meta({ type: 'string' });

/** The endpoints of past predictions; `routes` has them with all others. */
export const pastPredictionRoutes = {
  pastPredictions: {
    method: 'GET',
    path: '/api/past-predictions',
    tag: 'predictions',
    access: 'viewer',
    summary: 'Stored predictions, newest first',
    query: pastPredictionsQuery,
    answer: pastPredictions,
  },
  pastPrediction: {
    method: 'GET',
    path: '/api/past-predictions/:id',
    tag: 'predictions',
    access: 'viewer',
    summary: 'One stored prediction with everything that is known of it',
    params: z.object({ id: numberId }),
    answer: pastPrediction,
  },
  exportPastPredictionsCsv: {
    method: 'GET',
    path: exportPath('csv'),
    tag: 'predictions',
    access: 'viewer',
    summary: 'All stored predictions of a filter as CSV, as they were when it began',
    query: pastExportQuery,
    answer: file,
    answerType: 'text/csv',
  },
  exportPastPredictionsParquet: {
    method: 'GET',
    path: exportPath('parquet'),
    tag: 'predictions',
    access: 'viewer',
    summary: 'All stored predictions of a filter as Parquet, as they were when it began',
    query: pastExportQuery,
    answer: file,
    answerType: 'application/vnd.apache.parquet',
  },
} as const;
