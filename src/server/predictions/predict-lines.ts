import { ServerError } from '../errors.ts';
import { parseJson } from '../json/parse-json.ts';
import type { ContractRows } from './contract-rows.ts';
import type { Line } from './line-batches.ts';
import { type PredictSoundOptions, predictSound, type ReadRow, type RowAnswer, readOne } from './predict-sound.ts';

/** What a line is answered with: its prediction, or why it has none. */
export type LineAnswer = { readonly line: number } & RowAnswer;

export interface PredictLinesOptions extends PredictSoundOptions {
  /** Reads one row, or throws what is wrong with it. */
  readonly read: (body: unknown) => ContractRows;
}

/** Predicts the sound rows of a batch together, and answers every line in its place. */
export async function predictLines(
  lines: readonly Line[],
  { read, ...choice }: PredictLinesOptions,
): Promise<readonly LineAnswer[]> {
  const answers = await predictSound(
    lines.map((line) => readLine(line, read)),
    choice,
  );
  return lines.flatMap(({ number }, index) => {
    const answer = answers[index];
    return answer === undefined ? [] : [{ line: number, ...answer }];
  });
}

function readLine(line: Line, read: PredictLinesOptions['read']): ReadRow {
  if ('problem' in line) return { problem: line.problem };
  const readRow = (): ContractRows => {
    const body = parseJson(line.text);
    if (Array.isArray(body)) throw severalRows();
    return read(body);
  };
  return readOne(readRow, ' The line was not predicted; the stream goes on.');
}

function severalRows(): ServerError {
  return new ServerError('rows_invalid', 'Expected one row on a line, as an object; got a list.');
}
