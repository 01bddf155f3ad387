import type { MadePrediction } from '#api';
import { ServerError } from '../errors.ts';
import { toServerError } from '../to-server-error.ts';
import type { ContractRows } from './contract-rows.ts';
import type { PredictionChoice, PredictionService } from './prediction-service.ts';

export interface PredictSoundOptions extends PredictionChoice {
  readonly service: Pick<PredictionService, 'predictChecked'>;
  /** When the rows had arrived, by the monotonic clock. */
  readonly startedMs: number;
}

/** A row that was read by itself, or what is wrong with it. */
export type ReadRow =
  | {
      readonly row: ContractRows['rows'][number];
      readonly identity: NonNullable<ContractRows['identities']>[number] | undefined;
      readonly changes: NonNullable<ContractRows['coerced']>[number];
    }
  | { readonly problem: ServerError };

/** What came of a row. */
export type RowAnswer = { readonly prediction: MadePrediction } | { readonly problem: ServerError };

/** Predicts the sound rows of a batch together, and answers each row in its place. */
export async function predictSound(
  given: readonly ReadRow[],
  { service, ...choice }: PredictSoundOptions,
): Promise<readonly RowAnswer[]> {
  const sound = given.flatMap((each) => ('row' in each ? [each] : []));
  const rows = sound.map(({ row }) => row);
  const identities = sound.map(({ identity }) => identity ?? {});
  const isNamed = sound.some(({ identity }) => identity !== undefined);
  const coerced = sound.map(({ changes }) => changes);
  const isChanged = coerced.some((changes) => changes !== undefined);
  const known = { ...(isNamed && { identities }), ...(isChanged && { coerced }) };
  const made = rows.length === 0 ? [] : await service.predictChecked({ ...choice, rows, ...known });
  let used = 0;
  return given.map((each) => {
    if ('problem' in each) return each;
    const prediction = made[used];
    used += 1;
    if (prediction === undefined) throw new Error('Expected a prediction for each row that was read.');
    return { prediction };
  });
}

/** Reads one row; what is wrong with it is returned, followed by `about`; what is wrong with Weir is thrown. */
export function readOne(read: () => ContractRows, about: string): ReadRow {
  try {
    const { rows, identities, coerced } = read();
    const [row] = rows;
    if (row === undefined) throw new Error('Expected one row.');
    return { row, identity: identities?.[0], changes: coerced?.[0] };
  } catch (error) {
    const { code, message, problems } = toServerError(error);
    if (code === 'internal') throw error;
    const said = code === 'rows_invalid' && problems !== undefined ? 'The row violates the contract.' : message;
    return { problem: new ServerError(code, `${said}${about}`, problems === undefined ? {} : { problems }) };
  }
}
