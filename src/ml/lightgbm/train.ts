import { type ChildProcess, spawn } from 'node:child_process';
import { LastWords, programFile } from '#store';
import { MlError } from '../errors.ts';
import type { Meeting } from '../estimators/estimator.ts';
import { ADD_LIGHTGBM } from './library.ts';
import type { TrainMessage, TrainRequest } from './messages.ts';

const SAID_MAX = 2_000;
const TOLD_EVERY = 100;

interface TrainOptions {
  /** Answers with where all parts are, once this one listens at a port. */
  readonly meet?: ((port: number) => Promise<Meeting>) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

/** The program of the thread that holds the connections of a part. */
export const peerProgram = (): string => programFile('peer-thread', import.meta.url);

/** Trains in a child process, which ends with the training; resolves with how many iterations the model has. */
export async function trainInChild(request: TrainRequest, { signal, log, meet }: TrainOptions): Promise<number> {
  signal?.throwIfAborted();
  const child = spawn(process.execPath, [programFile('child', import.meta.url)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Nothing else: results depend on no variable, and secrets stay here. Threads that wait do not spin, which on a
    // machine with other work takes many times the time of the work.
    env: { OMP_WAIT_POLICY: 'passive' },
  });
  const stop = (): void => {
    child.kill('SIGKILL');
  };
  signal?.addEventListener('abort', stop);
  try {
    child.send(request, () => {});
    const { iterations, best } = await endOf(child, { log, meet });
    log?.(`LightGBM: ${best} iterations${iterations === best ? '' : `, the best of ${iterations}`}`);
    return best;
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
    signal?.throwIfAborted();
  }
}

function endOf(
  child: ChildProcess,
  { log, meet }: Pick<TrainOptions, 'log' | 'meet'>,
): Promise<TrainMessage & { kind: 'trained' }> {
  const said = new LastWords(SAID_MAX);
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => said.add(text));
  let done = 0;
  return new Promise((resolve, reject) => {
    child.on('message', (message: TrainMessage) => {
      if (message.kind === 'trained') resolve(message);
      else if (message.kind === 'failed') reject(failure(message));
      else if (message.kind === 'listening')
        meet?.(message.port).then((meeting) => child.send(meeting, () => {}), reject);
      else {
        done = message.done;
        if (done % TOLD_EVERY === 0) log?.(`LightGBM: ${done} iterations${scoreText(message.score)}`);
      }
    });
    child.once('error', (cause) =>
      reject(
        new MlError('training_ended', `The process of LightGBM could not be started: ${cause.message}`, { cause }),
      ),
    );
    child.once('close', (code, signal) =>
      reject(crash(signal ?? `code ${code}`, { done, said: withoutInfo(said.read()) })),
    );
  });
}

/** What the library says of how it goes is no reason of an end. */
const withoutInfo = (said: string): string =>
  said
    .split('\n')
    .filter((line) => !line.startsWith('[LightGBM] [Info]'))
    .join('\n')
    .trim()
    .replace(/\.$/, '');

const scoreText = (score: number | undefined): string =>
  score === undefined ? '' : `, ${score.toPrecision(6)} on the validation rows`;

function failure({ step, message }: TrainMessage & { kind: 'failed' }): MlError {
  if (step === 'meet')
    return new MlError('training_ended', `The parts of the training did not come together: ${message}`);
  if (step === 'train') return new MlError('training_impossible', `LightGBM refused the training: ${message}`);
  const openMp = /libg?omp/.test(message);
  const remedy = openMp
    ? 'It needs the OpenMP library of the system: apt-get install libgomp1, or brew install libomp.'
    : `Is the package koffi installed (npm install koffi@3.3.4), and the library whole (${ADD_LIGHTGBM})?`;
  return new MlError('library_missing', `The library of LightGBM cannot be loaded: ${message}. ${remedy}`);
}

function crash(how: string, { done, said }: { readonly done: number; readonly said: string }): MlError {
  const memory =
    how === 'SIGKILL' ? ' A machine that runs out of memory does so: train on fewer rows, or on a larger one.' : '';
  return new MlError(
    'training_ended',
    `The process of LightGBM ended after ${done} iterations (${how})${said === '' ? '' : `; it said: ${said}`}.${memory}`,
  );
}
