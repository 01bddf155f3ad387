/**
 * The paths of the web app's pages; `$id` matches one segment. The web app's router uses them, and the server serves
 * the app only at these paths, so that a wrong path is a 404.
 */
export const pages = {
  home: '/',
  predict: '/predict',
  pastPredictions: '/past-predictions',
  runs: '/runs',
  run: '/runs/$id',
  data: '/data',
  reports: '/reports',
  report: '/reports/$id',
  models: '/models',
  drift: '/drift',
  alerts: '/alerts',
  dashboard: '/dashboards/$id',
  workers: '/workers',
  database: '/database',
  login: '/login',
  setup: '/setup',
  account: '/account',
  users: '/users',
  auditLog: '/audit-log',
} as const;
