#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { maybeNodeVersionProblem } from './node-version.mjs';
import { nameSourcesInTraces } from './source-maps.mjs';

const main = new URL('../dist/app/main.js', import.meta.url);
const problem =
  maybeNodeVersionProblem(process.versions.node) ??
  (existsSync(main)
    ? undefined
    : 'Weir is not built yet: dist/app/main.js is missing.\nRun "npm run build" in the folder of Weir, or "npm start", which builds by itself.');

if (problem === undefined) {
  nameSourcesInTraces();
  // What was compiled is kept for the next command, which takes a tenth less of processor time then. Not in the folder of
  // temporary files, where others could write what this process runs. Node knows how from 22.1 on.
  module.enableCompileCache?.(fileURLToPath(new URL('../node_modules/.cache/weir/compiled', import.meta.url)));
  await import(main.href);
} else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}
