import type { LibraryHandle } from 'koffi';
import { networkFunctions } from './join-network.ts';
import type { Peers } from './peers.ts';

/** An object of the library. */
export type Handle = unknown;

const FLOAT32 = 0;
const FLOAT64 = 1;
/** More than any objective has of its own. */
const METRICS_MAX = 8;

type Call = (...given: unknown[]) => unknown;

type Bind = (signature: string) => Call;

/** The part of LightGBM's C API that trains. Calls block; each throws what the library says of its failure. */
export async function openLightgbm(file: string) {
  // Only the child loads this: an access violation ends the process that it happens in.
  const { default: koffi } = await import('koffi');
  const library: LibraryHandle = koffi.load(file);
  const lastError: Call = library.func('const char *LGBM_GetLastError()');
  const bind: Bind = (signature) => {
    const call: Call = library.func(`int ${signature}`);
    return (...given) => {
      if (call(...given) !== 0) throw new Error(String(lastError()));
    };
  };
  const join = bind('LGBM_NetworkInitWithFunctions(int count, int rank, void *reduceScatter, void *gather)');
  return {
    ...datasetCalls(bind),
    ...boosterCalls(bind),
    joinNetwork: (peers: Peers, fail: (error: unknown) => never): void => {
      const { reduceScatter, gather } = networkFunctions(koffi, { peers, fail });
      join(peers.count, peers.rank, reduceScatter, gather);
    },
  };
}

export type Lightgbm = Awaited<ReturnType<typeof openLightgbm>>;

/** Calls what writes an object into its last argument. */
function made(call: Call, ...given: unknown[]): Handle {
  const out: unknown[] = [null];
  call(...given, out);
  return out[0];
}

function datasetCalls(bind: Bind) {
  const createFromMatrix = bind(
    'LGBM_DatasetCreateFromMat(const void *data, int type, int32_t rows, int32_t columns, int isRowMajor, const char *parameters, void *reference, _Out_ void **made)',
  );
  const createLike = bind('LGBM_DatasetCreateByReference(void *reference, int64_t rows, _Out_ void **made)');
  const pushRows = bind(
    'LGBM_DatasetPushRows(void *dataset, const void *data, int type, int32_t rows, int32_t columns, int32_t first)',
  );
  const setField = bind('LGBM_DatasetSetField(void *dataset, const char *name, const void *data, int count, int type)');
  const free = bind('LGBM_DatasetFree(void *dataset)');
  return {
    /** A dataset of sampled rows, which decides how numbers are cut into bins. */
    sampled: (rows: Float64Array, width: number, parameters: string): Handle =>
      made(createFromMatrix, rows, FLOAT64, rows.length / width, width, 1, parameters, null),
    /** An empty dataset with the bins of another. */
    like: (dataset: Handle, rowCount: number): Handle => made(createLike, dataset, rowCount),
    push: (dataset: Handle, rows: Float64Array, { width, first }: { width: number; first: number }): void => {
      pushRows(dataset, rows, FLOAT64, rows.length / width, width, first);
    },
    setField: (dataset: Handle, name: 'label' | 'weight', values: Float32Array): void => {
      setField(dataset, name, values, values.length, FLOAT32);
    },
    freeDataset: (dataset: Handle): void => {
      free(dataset);
    },
  };
}

function boosterCalls(bind: Bind) {
  const create = bind('LGBM_BoosterCreate(void *dataset, const char *parameters, _Out_ void **made)');
  const addValidation = bind('LGBM_BoosterAddValidData(void *booster, void *dataset)');
  const update = bind('LGBM_BoosterUpdateOneIter(void *booster, _Out_ int *isFinished)');
  const evaluate = bind('LGBM_BoosterGetEval(void *booster, int dataset, _Out_ int *count, _Out_ double *scores)');
  const save = bind(
    'LGBM_BoosterSaveModelToString(void *booster, int first, int iterations, int importance, int64_t size, _Out_ int64_t *length, void *text)',
  );
  return {
    booster: (dataset: Handle, parameters: string): Handle => made(create, dataset, parameters),
    addValidation: (booster: Handle, dataset: Handle): void => {
      addValidation(booster, dataset);
    },
    /** Adds a tree for each output; true when no tree can add anything. */
    update: (booster: Handle): boolean => {
      const isFinished = [0];
      update(booster, isFinished);
      return isFinished[0] === 1;
    },
    /** The first metric on the validation rows. */
    validationScore: (booster: Handle): number => {
      const [count, scores] = [[0], new Float64Array(METRICS_MAX)];
      evaluate(booster, 1, count, scores);
      return scores[0] ?? Number.NaN;
    },
    /** The text of the model up to an iteration. */
    text: (booster: Handle, iterations: number): Buffer => {
      const length: (number | bigint)[] = [0];
      save(booster, 0, iterations, 0, 0, length, Buffer.alloc(1));
      const text = Buffer.alloc(Number(length[0]));
      save(booster, 0, iterations, 0, text.length, length, text);
      // The length counts the zero at the end.
      return text.subarray(0, Number(length[0]) - 1);
    },
  };
}
