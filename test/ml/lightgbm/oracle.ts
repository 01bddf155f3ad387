import koffi from 'koffi';
import type { Matrix } from '#ml';
import { lightgbmForTests } from './lightgbm-for-tests.ts';

/** What LightGBM itself answers for the text of a model. */
export function openOracle(text: string) {
  const library = koffi.load(lightgbmForTests().file);
  const load = library.func(
    'int LGBM_BoosterLoadModelFromString(const char *text, _Out_ int *iterations, _Out_ void **booster)',
  );
  const predict = library.func(
    'int LGBM_BoosterPredictForMat(void *booster, const void *rows, int type, int32_t rowCount, int32_t columns, int isRowMajor, int kind, int first, int iterations, const char *parameters, _Out_ int64_t *length, _Out_ double *into)',
  );
  const booster: unknown[] = [null];
  if (load(text, [0], booster) !== 0) throw new Error('LightGBM does not read the model.');
  const ask = (kind: number, width: number, { values, columns, rowCount }: Matrix): Float64Array => {
    const into = new Float64Array(rowCount * width);
    const asked = [values, 1, rowCount, columns.length, 1, kind, 0, -1, 'num_threads=1', [0], into] as const;
    if (predict(booster[0], ...asked) !== 0) throw new Error('LightGBM does not predict.');
    return into;
  };
  return {
    /** Probabilities or numbers: `width` of them a row. */
    predict: (matrix: Matrix, width: number) => ask(0, width, matrix),
    raw: (matrix: Matrix, width: number) => ask(1, width, matrix),
    /** For each output the contribution of each column, and the mean. */
    contributions: (matrix: Matrix, width: number) => ask(3, width * (matrix.columns.length + 1), matrix),
  };
}
