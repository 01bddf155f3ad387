import { AsyncLocalStorage } from 'node:async_hooks';
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { PrintedStream } from './attempt-log.ts';

type Print = (stream: PrintedStream, text: string) => void;

/** Receives what an attempt prints; nothing once it is over. */
interface Listener {
  print: Print | undefined;
  readonly decoders: Readonly<Record<PrintedStream, StringDecoder>>;
}

const storage = new AsyncLocalStorage<Listener>();
let isInstalled = false;

/**
 * Runs the task's own code; what it prints through `console`, `process.stdout` and `process.stderr`, also from
 * callbacks, goes to `print` instead of this process's streams. Output after `stop` is dropped.
 */
export function listening(print: Print): { readonly run: <T>(work: () => T) => T; readonly stop: () => void } {
  if (!isInstalled) install();
  isInstalled = true;
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  const listener: Listener = { print, decoders };
  return {
    run: (work) => storage.run(listener, work),
    stop: () => {
      listener.print = undefined;
    },
  };
}

function hear(listener: Listener, stream: PrintedStream, chunk: unknown): void {
  if (listener.print === undefined) return;
  const text = chunk instanceof Uint8Array ? listener.decoders[stream].write(Buffer.from(chunk)) : String(chunk);
  if (text !== '') listener.print(stream, text);
}

function install(): void {
  for (const name of ['stdout', 'stderr'] as const) replaceWrite(name);
  replaceConsole();
}

function replaceWrite(name: PrintedStream): void {
  const stream = process[name];
  const write: unknown = Reflect.get(stream, 'write');
  if (typeof write !== 'function') return;
  Reflect.set(stream, 'write', (...args: readonly unknown[]): unknown => {
    const listener = storage.getStore();
    if (listener === undefined) return Reflect.apply(write, stream, args);
    hear(listener, name, args[0]);
    const callback = args.find((arg) => typeof arg === 'function');
    if (typeof callback === 'function') process.nextTick(() => callback());
    return true;
  });
}

/** A console that somebody has replaced, as test runners do, does not print to the streams of the process. */
function replaceConsole(): void {
  const to = (name: PrintedStream): Writable =>
    new Writable({
      decodeStrings: false,
      write: (chunk, _, done) => {
        const listener = storage.getStore();
        if (listener !== undefined) hear(listener, name, chunk);
        done();
      },
    });
  const own = new Console({ stdout: to('stdout'), stderr: to('stderr') });
  for (const name of Object.keys(own)) {
    const ours: unknown = Reflect.get(own, name);
    const theirs: unknown = Reflect.get(console, name);
    if (typeof ours !== 'function' || typeof theirs !== 'function') continue;
    Reflect.set(console, name, (...args: readonly unknown[]): unknown =>
      storage.getStore() === undefined ? Reflect.apply(theirs, console, args) : Reflect.apply(ours, own, args),
    );
  }
}
