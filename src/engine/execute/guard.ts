/**
 * Loaded before anything else into a strict process (`--import`), so that every later import of a Node function gets
 * the watched one. It replaces the functions for all code, but records a use only while a task's own code runs. What it
 * cannot see: native code, worker threads and child processes beyond their start, `Intl`'s own look at locale and time
 * zone, `getRandomValues` of node:crypto (that of the global is seen), and files that the module loader reads.
 */
import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import dgram from 'node:dgram';
import { subscribe } from 'node:diagnostics_channel';
import dns from 'node:dns';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import workerThreads from 'node:worker_threads';
import { startStrict, type UndeclaredKind } from './watch.ts';

const { storage } = startStrict(new URL(import.meta.url).searchParams.get('mode') === 'report' ? 'report' : 'fail');
const note = (kind: UndeclaredKind, name: string): void => storage.getStore()?.note(kind, name);
/** For internal functions of Node that many public ones call. */
const noteThrough = (kind: UndeclaredKind, name: string): void =>
  storage.getStore()?.note(kind, name, { through: true });

type AnyFunction = (this: unknown, ...args: readonly unknown[]) => unknown;

/** Makes each named function record its use first; one that this Node lacks, or has made read-only, is left out. */
function watchFunctions(
  owner: object,
  names: readonly string[],
  onCall: (name: string, args: readonly unknown[]) => void,
): void {
  for (const name of names) {
    const original: unknown = Reflect.get(owner, name);
    const isFixed = Object.getOwnPropertyDescriptor(owner, name)?.configurable === false;
    if (typeof original !== 'function' || isFixed) continue;
    const watched: AnyFunction = function (...args) {
      onCall(name, args);
      return Reflect.apply(original, this, args);
    };
    // `fs.realpath.native`, `exec[promisify.custom]` and their like.
    Object.defineProperties(watched, Object.getOwnPropertyDescriptors(original));
    Object.defineProperty(owner, name, { value: watched, writable: true, configurable: true, enumerable: true });
  }
}

const READING = [
  ...['access', 'copyFile', 'cp', 'exists', 'lstat', 'open', 'opendir', 'readFile', 'readdir', 'readlink'],
  ...['realpath', 'stat', 'statfs', 'watch', 'watchFile', 'openAsBlob', 'createReadStream'],
];

function watchFiles(): void {
  const onCall = (name: string, [file, flags]: readonly unknown[]): void => {
    const watch = storage.getStore();
    if (watch === undefined || (name.startsWith('open') && isWriting(flags))) return;
    const at = toPath(file);
    if (at !== undefined) watch.noteFile(at);
  };
  watchFunctions(fs, [...READING, ...READING.map((name) => `${name}Sync`)], onCall);
  watchFunctions(fs.promises, READING, onCall);
}

/** A file that is opened to be overwritten is no input. */
function isWriting(flags: unknown): boolean {
  if (typeof flags === 'string') return /^(w|a|wx|ax|xw|xa|as|sa)$/.test(flags);
  if (typeof flags !== 'number') return false;
  const isReadToo = (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== fs.constants.O_WRONLY;
  return !isReadToo;
}

function toPath(file: unknown): string | undefined {
  if (typeof file === 'string') return file;
  if (file instanceof URL) return fileURLToPath(file);
  return Buffer.isBuffer(file) ? file.toString() : undefined;
}

function watchEnvironment(): void {
  const real: unknown = Reflect.get(process, 'env');
  if (typeof real !== 'object' || real === null) return;
  const nameOf = (key: string | symbol): string => String(key);
  const watched = new Proxy(real, {
    get: (target, key) => {
      if (typeof key === 'string') note('environment', nameOf(key));
      return Reflect.get(target, key);
    },
    has: (target, key) => {
      note('environment', nameOf(key));
      return Reflect.has(target, key);
    },
    ownKeys: (target) => {
      note('environment', 'all variables');
      return Reflect.ownKeys(target);
    },
  });
  Object.defineProperty(process, 'env', { value: watched, writable: true, configurable: true, enumerable: true });
  watchFunctions(
    os,
    ['hostname', 'homedir', 'tmpdir', 'userInfo', 'networkInterfaces', 'cpus', 'freemem', 'loadavg'],
    (name) => note('environment', `os.${name}()`),
  );
}

function watchClock(): void {
  const now = Date.now.bind(Date);
  const watchedNow = (): number => {
    note('clock', 'Date.now()');
    return now();
  };
  globalThis.Date = new Proxy(Date, {
    construct: (target, args, newTarget) => {
      if (args.length === 0) note('clock', 'new Date()');
      return Reflect.construct(target, args, newTarget);
    },
    apply: (target, self, args) => {
      note('clock', 'Date()');
      return Reflect.apply(target, self, args);
    },
    get: (target, key) => (key === 'now' ? watchedNow : Reflect.get(target, key)),
  });
  watchFunctions(performance, ['now'], () => note('clock', 'performance.now()'));
  const { hrtime } = process;
  watchFunctions(hrtime, ['bigint'], () => note('clock', 'process.hrtime.bigint()'));
  watchFunctions(process, ['hrtime', 'uptime'], (name) => note('clock', `process.${name}()`));
}

function watchRandomness(): void {
  watchFunctions(Math, ['random'], () => note('randomness', 'Math.random()'));
  const drawing = ['randomBytes', 'randomFill', 'randomFillSync', 'randomInt', 'randomUUID'];
  watchFunctions(crypto, drawing, (name) => note('randomness', `crypto.${name}()`));
  watchFunctions(globalThis.crypto, ['getRandomValues', 'randomUUID'], (name) =>
    note('randomness', `crypto.${name}()`),
  );
}

function watchNetwork(): void {
  const addressOf = (given: unknown): string => {
    // A URL may hold a secret in its query; the host is enough.
    if (typeof given === 'string') return URL.canParse(given) ? new URL(given).host : given;
    if (given instanceof URL) return given.host;
    if (given instanceof Request) return new URL(given.url).host;
    if (typeof given !== 'object' || given === null) return String(given);
    const [host, port] = [Reflect.get(given, 'host') ?? 'localhost', Reflect.get(given, 'port')];
    return port === undefined ? String(host) : `${host}:${port}`;
  };
  const describe = (name: string, [first]: readonly unknown[]): string =>
    `${name} ${addressOf(Array.isArray(first) ? first[0] : first)}`;
  const onCall = (name: string, args: readonly unknown[]): void => note('network', describe(name, args));
  watchFunctions(globalThis, ['fetch'], onCall);
  watchFunctions(net.Socket.prototype, ['connect'], (name, args) => noteThrough('network', describe(name, args)));
  // A request over an open connection makes no new connection.
  subscribe('http.client.request.start', (message) => {
    const request: unknown = typeof message === 'object' && message !== null && Reflect.get(message, 'request');
    if (typeof request === 'object' && request !== null)
      noteThrough('network', `request ${String(Reflect.get(request, 'host'))}`);
  });
  watchFunctions(dgram, ['createSocket'], (name) => note('network', name));
  const asking = ['lookup', 'resolve', 'resolve4', 'resolve6', 'reverse'];
  for (const owner of [dns, dns.promises]) watchFunctions(owner, asking, (name, args) => onCall(`dns.${name}`, args));
}

function watchProcesses(): void {
  const starting = ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'];
  watchFunctions(childProcess, starting, (name, [command]) =>
    note('process', `${name} ${String(command).split(' ', 1)[0]}`),
  );
  const { Worker } = workerThreads;
  const watched = new Proxy(Worker, {
    construct: (target, args: [string | URL], newTarget) => {
      note('process', `worker ${String(args[0])}`);
      return Reflect.construct(target, args, newTarget);
    },
  });
  Object.defineProperty(workerThreads, 'Worker', {
    value: watched,
    writable: true,
    configurable: true,
    enumerable: true,
  });
}

watchFiles();
watchEnvironment();
watchClock();
watchRandomness();
watchNetwork();
watchProcesses();
// Named imports of Node's modules see the watched functions from here on.
syncBuiltinESMExports();
