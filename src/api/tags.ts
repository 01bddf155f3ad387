/** The groups of endpoints, in the order of the documentation page, with a sentence for each. */
export const tags = {
  predictions: 'Predict rows with the champion, and read stored predictions.',
  protocols: 'What clients of other systems call: the Open Inference Protocol and MLflow’s scoring protocol.',
  labels: 'Say what really happened to rows that were predicted.',
  data: 'Send files of rows, and read how they were checked.',
  models: 'Versions of the model, their metrics and training data; promote one, or roll back.',
  runs: 'Runs of pipelines: start, retry, cancel and follow them.',
  schedules: 'When pipelines run by themselves; pause and resume that.',
  monitoring: 'Dashboards and alerts.',
  project: 'What this project is: its contract and its pipelines.',
  access: 'Who may use Weir: logins, users and API keys.',
  system: 'Whether the server works.',
} as const;

export type Tag = keyof typeof tags;
