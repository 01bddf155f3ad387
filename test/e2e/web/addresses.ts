/** What a page says of a thing or a list that it cannot show. */
export const ABSENT = 'cannot be shown';
/** Address and heading of each (neighbours have different headings), and what it says while nothing is there. */
export const PAGES = {
  home: ['/', 'Titanic survival', 'Nothing has been predicted yet'],
  predict: ['/predict', 'Predict', 'Fill in an example'],
  'past predictions': [
    '/past-predictions?source=scheduled&from=2026-11-01&to=2026-11-30',
    'Past predictions',
    'Nothing matches',
  ],
  runs: ['/runs', 'Runs', 'Nothing has run yet'],
  'a running run': ['/runs/run-1000?task=save-statistics', 'ingest', ABSENT],
  data: ['/data', 'Data', 'No file has been checked yet'],
  'a failed run': ['/runs/run-995?task=validate-data', 'ingest', ABSENT],
  'a checked file': ['/data?check=check-599', 'Checked file', ABSENT],
  models: ['/models', 'Models', 'No model yet'],
  'dashboard of ingested data': ['/dashboards/ingested-data', 'Ingested data', 'No data'],
  'dashboard of drift': ['/dashboards/drift-and-predictions', 'Drift and predictions', 'No data'],
  drift: ['/drift', 'Drift', 'No window yet'],
  alerts: ['/alerts', 'Alerts', 'No alert so far'],
  workers: ['/workers', 'Workers', 'No worker'],
  database: ['/database', 'Database', 'weir.predictions'],
  account: ['/account', 'Your account', 'No login here'],
  'users and keys': ['/users', 'Users and keys', 'No user yet'],
  'audit log': ['/audit-log?entry=90', 'Audit log', 'No change found'],
  'a run that is not there': ['/runs/none', 'Run', ABSENT],
  'a page that is not there': ['/none', 'Not found', 'There is no such page'],
} as const;
