import type { Artifact, Json, Params } from '#engine';

/** A record that an output is, or is the source of. */
export interface OutputLink {
  readonly kind: 'check' | 'report' | 'dataset' | 'model' | 'alerts' | 'predictions';
  /** Id of a check, version of a dataset or a model; null for all of a kind. */
  readonly id: string | null;
}

interface Question {
  readonly task: string;
  /** Those of the goal and of its run. */
  readonly params: Params;
  readonly output: string;
  readonly outputs: { readonly [output: string]: Artifact };
}

type LinksOf = (question: Question) => readonly OutputLink[];

const check: LinksOf = ({ params: { arrival } }) =>
  typeof arrival === 'string' ? [{ kind: 'check', id: arrival }] : [];
const report: LinksOf = ({ params: { arrival } }) =>
  typeof arrival === 'string' ? [{ kind: 'report', id: arrival }] : [];
const predictions: LinksOf = () => [{ kind: 'predictions', id: null }];
const dataset: LinksOf = ({ outputs: { version } }) => numbered('dataset', jsonOf(version));
const model: LinksOf = ({ outputs: { version } }) => numbered('model', jsonOf(version));
const decided: LinksOf = ({ outputs: { decision } }) => {
  const value = jsonOf(decision);
  return value !== null && typeof value === 'object' && 'version' in value ? numbered('model', value.version) : [];
};
const alerts: LinksOf = ({ outputs: { alert } }) =>
  alert?.kind === 'rows' && alert.rowCount > 0 ? [{ kind: 'alerts', id: null }] : [];

/** Where the outputs of Weir's own tasks are shown, by task and output. */
const LINKS: Readonly<Record<string, Readonly<Record<string, LinksOf>>>> = {
  'validate-data': { result: check, report },
  'save-statistics': { statistics: check },
  'send-alerts': { alert: alerts },
  'split-and-save-data': { placed: check },
  'save-labels': { labels: predictions },
  'store-labels': { labels: predictions, alert: alerts },
  'collect-dataset': { dataset, version: dataset },
  'register-model': { version: model },
  'promote-model': { decision: decided },
  'make-predictions': { predicted: predictions },
};

/** The records that an output of one of Weir's own tasks leads to. */
export function linksOfOutput(question: Question): readonly OutputLink[] {
  return LINKS[question.task]?.[question.output]?.(question) ?? [];
}

const jsonOf = (artifact: Artifact | undefined): Json => (artifact?.kind === 'value' ? (artifact.value ?? null) : null);

const numbered = (kind: OutputLink['kind'], version: unknown): readonly OutputLink[] =>
  typeof version === 'number' ? [{ kind, id: String(version) }] : [];
