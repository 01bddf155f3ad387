import { FEATURE_PREFIX, predictAnswer, type RowProblem, routes } from '#api';
import type { Fixtures } from './fixtures.ts';

type Predictions = Fixtures['predictions'];
type Stored = Predictions[number];

/** The predictions that all filters of a query hold for, but those of time. */
export function filterPredictions(predictions: Predictions, query: URLSearchParams): Predictions {
  const isGiven = (name: string, value: string | undefined): boolean => {
    const wanted = query.get(name);
    return wanted === null || wanted === 'all' || wanted === value;
  };
  const features = [...new Set([...query.keys()].filter((key) => key.startsWith(FEATURE_PREFIX)))];
  return predictions.filter(
    (each) =>
      isGiven('source', each.source) &&
      isGiven('rowId', each.rowId) &&
      isGiven('request', `request-of-${each.predictionId}`) &&
      isGiven('model', each.modelVersion) &&
      isGiven('prediction', String(each.prediction)) &&
      isGiven('labelled', String(each.actual !== undefined)) &&
      isGiven('correct', String(each.isCorrect)) &&
      features.every((key) => hasFeature(each, key, query.getAll(key))),
  );
}

function hasFeature({ features }: Stored, key: string, wanted: readonly string[]): boolean {
  const [, name = '', bound] = /^feature\.(.+?)(?:\.(min|max))?$/.exec(key) ?? [];
  const value = features[name] ?? null;
  if (bound === undefined) return wanted.includes(value === null ? '' : String(value));
  if (typeof value !== 'number') return false;
  return bound === 'min' ? value >= Number(wanted[0]) : value <= Number(wanted[0]);
}

/** One prediction with all that is known of it. */
export function findPrediction(predictions: Predictions, id: string): unknown {
  const found = predictions.find(({ predictionId }) => predictionId === id);
  if (found === undefined) return undefined;
  const { actual, observedAt = found.at, prediction, probability = 0.7 } = found;
  const other = prediction === 'yes' ? 'no' : 'yes';
  return routes.pastPrediction.answer.parse({
    ...found,
    probabilities: { [prediction]: probability, [other]: 1 - probability },
    latencyMs: 3.2,
    request: `request-of-${id}`,
    rowNumber: 4,
    labels: actual === undefined ? [] : [{ value: actual, observedAt, receivedAt: observedAt, source: 'label-data' }],
    ...(found.source === 'scheduled' ? { origin: { file: 'passengers-596.csv', runId: 'run-999' } } : {}),
  });
}

interface Predicted {
  readonly problems: RowProblem[];
  readonly answer?: ReturnType<typeof predictAnswer.parse>;
}

/** An age of 99 is refused here, to show what the server alone can know. */
export function answerPredict(url: URL, body: unknown, { predictions: [example] }: Fixtures): Predicted {
  const rows = routes.predict.body.parse(body);
  const { store, explain, version } = routes.predict.query.parse(queryOf(url));
  const list = Array.isArray(rows) ? rows : [rows];
  const problems = list.flatMap((row, index) =>
    row.age === 99 ? [{ row: index, field: 'age', expected: 'an age the model has seen', got: '99' }] : [],
  );
  if (problems.length > 0) return { problems };
  const modelVersion = typeof version === 'string' ? version : (example?.modelVersion ?? 'titanic@3');
  const isStored = store === 'true';
  return {
    problems,
    answer: predictAnswer.parse({
      modelVersion,
      isStored,
      predictions: list.map(({ id, ...features }, index) => ({
        ...(isStored ? { predictionId: `new-${index}`, at: new Date().toISOString() } : {}),
        source: 'webapp',
        modelVersion,
        ...(id === undefined ? {} : { rowId: String(id) }),
        features,
        prediction: features.sex === 'female' ? 'yes' : 'no',
        probability: 0.823,
        ...(explain === 'true' ? { explanation: makeExplanation(features.sex === 'female' ? 'yes' : 'no') } : {}),
      })),
    }),
  };
}

const makeExplanation = (name: string) => ({
  ...{ of: 'probability', class: name, output: 0.823, base: 0.382, isExact: true },
  contributions: { class: -0.121, sex: 0.51, age: 0.052 },
});

/** The address of every call has a limit of rows, which is none of this route. */
const queryOf = ({ searchParams }: URL) => Object.fromEntries([...searchParams].filter(([name]) => name !== 'limit'));
