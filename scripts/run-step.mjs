import { spawn } from 'node:child_process';

const STILL_RUNNING_EVERY_MS = 10_000;
// Enough to hold the cause of a failed install; the rest of a long log helps nobody.
const KEPT_OUTPUT_CHARS = 20_000;

/** Prints one line of progress. */
export function say(line) {
  process.stdout.write(`weir: ${line}\n`);
}

/** Runs one command in silence, tells how long it took, and resolves with its exit code and the end of what it printed. */
export function runStep(name, { command, args, shell = false }, options = {}) {
  return new Promise((resolve) => {
    const started = Date.now();
    // What is kept may end in a log or be searched for causes; colours would only be in the way.
    const { FORCE_COLOR: _, ...env } = { ...(options.env ?? process.env), NO_COLOR: '1' };
    const stdio = ['ignore', 'pipe', 'pipe'];
    const child = spawn(command, args, { ...options, env, shell, stdio, windowsHide: true });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-KEPT_OUTPUT_CHARS);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const reminder = setInterval(
      () => say(`${name} still running, ${seconds(started)} so far`),
      STILL_RUNNING_EVERY_MS,
    );
    const stopForwarding = forwardSignals(child);
    const end = (code) => {
      clearInterval(reminder);
      stopForwarding();
      say(code === 0 ? `${name} done in ${seconds(started)}` : `${name} failed after ${seconds(started)}`);
      resolve({ code, output });
    };
    child.once('error', (error) => {
      keep(error.message);
      end(1);
    });
    child.once('close', (code, signal) => end(signal === null ? (code ?? 1) : 1));
  });
}

/** Runs one command that talks to the person directly; resolves with its exit code. */
export function runInSight({ command, args }, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
    const stopForwarding = forwardSignals(child);
    const end = (code) => {
      stopForwarding();
      resolve(code);
    };
    child.once('error', (error) => {
      process.stderr.write(`cannot run ${command}: ${error.message}\n`);
      end(1);
    });
    child.once('close', (code, signal) => end(signal === null ? (code ?? 1) : 1));
  });
}

/** Says for how long something has been going on. */
export function seconds(startedMs) {
  return `${((Date.now() - startedMs) / 1000).toFixed(1)} s`;
}

// Without this, stopping a script by a signal would leave its child at work.
function forwardSignals(child) {
  const forward = (signal) => child.kill(signal);
  process.on('SIGINT', forward).on('SIGTERM', forward);
  return () => {
    process.off('SIGINT', forward).off('SIGTERM', forward);
  };
}
