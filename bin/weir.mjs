#!/usr/bin/env node
import { existsSync } from 'node:fs';
import process from 'node:process';
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
  await import(main.href);
} else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}
