import type { MadePrediction } from '#api';
import { ServerError } from '../errors.ts';
import { parseJson } from '../parse-json.ts';
import { toServerError } from '../to-server-error.ts';
import type { ContractRows } from './contract-rows.ts';
import type { Line } from './line-batches.ts';
import type { PredictionChoice, PredictionService } from './prediction-service.ts';

/** What a line is answered with: its prediction, or why it has none. */
export type LineAnswer =
  | { readonly line: number; readonly prediction: MadePrediction }
  | { readonly line: number; readonly problem: ServerError };

export interface PredictLinesOptions extends PredictionChoice {
  readonly service: Pick<PredictionService, 'predictChecked'>;
  /** Reads one row, or throws what is wrong with it. */
  readonly read: (body: unknown) => ContractRows;
  /** When the lines had arrived, by the monotonic clock. */
  readonly startedMs: number;
}

/** Predicts the sound rows of a batch together, and answers every line in its place. */
export async function predictLines(
  lines: readonly Line[],
  { service, read, ...choice }: PredictLinesOptions,
): Promise<readonly LineAnswer[]> {
  const read1 = lines.map((line) => readLine(line, read));
  const sound = read1.filter((each): each is SoundLine => 'row' in each);
  const rows = sound.map(({ row }) => row);
  const identities = sound.map(({ identity }) => identity ?? {});
  const isNamed = sound.some(({ identity }) => identity !== undefined);
  const made =
    rows.length === 0 ? [] : await service.predictChecked({ ...choice, rows, ...(isNamed && { identities }) });
  let used = 0;
  return read1.map((each) => {
    if ('problem' in each) return each;
    const prediction = made[used];
    used += 1;
    if (prediction === undefined) throw new Error('Expected a prediction for each row that was read.');
    return { line: each.line, prediction };
  });
}

interface SoundLine {
  readonly line: number;
  readonly row: ContractRows['rows'][number];
  readonly identity: NonNullable<ContractRows['identities']>[number] | undefined;
}

type ReadLine = SoundLine | { readonly line: number; readonly problem: ServerError };

function readLine(line: Line, read: PredictLinesOptions['read']): ReadLine {
  if ('problem' in line) return { line: line.number, problem: line.problem };
  try {
    const body = parseJson(line.text);
    if (Array.isArray(body)) throw severalRows();
    const { rows, identities } = read(body);
    const [row] = rows;
    if (row === undefined) throw new Error('Expected one row of one line.');
    return { line: line.number, row, identity: identities?.[0] };
  } catch (error) {
    const { code, message, problems } = toServerError(error);
    if (code === 'internal') throw error;
    const said = code === 'rows_invalid' && problems !== undefined ? 'The row violates the contract.' : message;
    const about = `${said} The line was not predicted; the stream goes on.`;
    return { line: line.number, problem: new ServerError(code, about, problems === undefined ? {} : { problems }) };
  }
}

function severalRows(): ServerError {
  return new ServerError('rows_invalid', 'Expected one row on a line, as an object; got a list.');
}
