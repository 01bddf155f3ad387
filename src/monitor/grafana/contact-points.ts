import { type GrafanaProject, titleOf, uidOf } from './names.ts';

type Json = Readonly<Record<string, unknown>>;

/** Kinds of contact points in Grafana, by the names that Weir has for its channels. */
export const CONTACT_POINTS = ['teams', 'slack', 'pagerduty', 'webhook', 'mail'] as const;
export type ContactPoint = (typeof CONTACT_POINTS)[number];

interface Receiver {
  readonly type: string;
  /** Each secret is a variable of Grafana's environment, so that no file holds it. */
  readonly settings: Json;
}

// Text of the notices that Grafana sends. No variable is in braces: Grafana fills those in from its environment.
const TITLE = '{{ .CommonLabels.alertname }} ({{ .Status }})';

const PAGERDUTY_SEVERITY = '{{ if eq .CommonLabels.severity "high" }}critical{{ else }}warning{{ end }}';

const RECEIVERS: Readonly<Record<ContactPoint, Receiver>> = {
  teams: { type: 'teams', settings: { url: '$GRAFANA_WEIR_TEAMS_URL', title: TITLE } },
  slack: { type: 'slack', settings: { url: '$GRAFANA_WEIR_SLACK_URL', title: TITLE } },
  pagerduty: {
    type: 'pagerduty',
    settings: { integrationKey: '$GRAFANA_WEIR_PAGERDUTY_KEY', severity: PAGERDUTY_SEVERITY },
  },
  webhook: { type: 'webhook', settings: { url: '$GRAFANA_WEIR_WEBHOOK_URL', httpMethod: 'POST' } },
  mail: { type: 'email', settings: { addresses: '$GRAFANA_WEIR_MAIL_ADDRESSES', singleEmail: true, subject: TITLE } },
};

/** The variables of Grafana's environment that contact points need. */
export const variablesOf = (points: readonly ContactPoint[]): readonly string[] =>
  points.flatMap((point) => JSON.stringify(RECEIVERS[point].settings).match(/(?<=\$)GRAFANA_WEIR_\w+/g) ?? []);

/** Contact points as Grafana provisions them: one contact point that tells all the channels. */
export function contactPointsOf(project: GrafanaProject, points: readonly ContactPoint[]): Json {
  const receivers = points.map((point) => ({ uid: uidOf(project, point), ...RECEIVERS[point] }));
  return { apiVersion: 1, contactPoints: [{ orgId: 1, name: titleOf(project), receivers }] };
}

/** A notification policy: alerts of the project go to its contact point, those of high severity again sooner. */
export function policiesOf(project: GrafanaProject): Json {
  const receiver = titleOf(project);
  const isOfProject = ['weir', '=', project.name];
  return {
    apiVersion: 1,
    policies: [
      {
        orgId: 1,
        receiver,
        group_by: ['grafana_folder', 'group'],
        group_wait: '30s',
        group_interval: '5m',
        repeat_interval: '12h',
        routes: [
          { receiver, object_matchers: [isOfProject, ['severity', '=', 'high']], repeat_interval: '2h' },
          { receiver, object_matchers: [isOfProject] },
        ],
      },
    ],
  };
}
