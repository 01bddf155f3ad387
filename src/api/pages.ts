/**
 * The addresses of the web app's pages; `$id` stands for one segment. The web app's router is made from them, and the
 * server gives its page at these and at no others, so that a probe of a wrong address is told so.
 */
export const pages = {
  home: '/',
  predict: '/predict',
  pastPredictions: '/past-predictions',
  runs: '/runs',
  run: '/runs/$id',
  data: '/data',
  models: '/models',
  alerts: '/alerts',
  dashboard: '/dashboards/$id',
} as const;
