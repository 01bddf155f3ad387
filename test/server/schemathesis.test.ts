import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#access';
import { addChampion, createWorld, type World } from './world.ts';

/** Schemathesis, which CI installs; SCHEMATHESIS names another program. */
const PROGRAM =
  process.env.SCHEMATHESIS ?? path.join(import.meta.dirname, '../../node_modules/.cache/schemathesis/bin/schemathesis');
const TIMEOUT_MS = 10 * 60_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const PHASES = 'examples,coverage,fuzzing';
const EXAMPLES = 2;
const CONFIG = path.join(import.meta.dirname, 'schemathesis.toml');

let world: World;
let url: string;
let folder: string;

beforeAll(async () => {
  // Streams of events end by themselves, so that their answers can be looked at.
  const state = { loadedAt: new Date(), isWatching: false, problem: null };
  world = await createWorld({
    access: { isLoginRequired: true },
    limits: { eventStreamMs: 20, requestsPerMinute: 0, refusalsPerMinute: 0 },
    reload: { state: () => state, reload: async () => state },
  });
  await addChampion(world);
  // Examples revoke the key 1, which is no role's own.
  await createApiKey(world.database, { name: 'spare', role: 'viewer', by: 'test', expiresAt: null });
  ({ url } = await world.server.listen({ port: 0 }));
  folder = await mkdtemp(path.join(tmpdir(), 'weir-schemathesis-'));
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

// npm run test:schema. Where the program is not installed, nothing can be shown.
describe.skipIf(!existsSync(PROGRAM))('the API, as its document describes it', () => {
  it.each(['viewer', 'operator', 'admin'] as const)(
    'answers every request of a %s with a documented status and shape, and never fails',
    async (role) => {
      const { text } = await createApiKey(world.database, { name: role, role, by: 'test', expiresAt: null });
      const { code, output } = await run(text);
      expect(code, output).toBe(0);
    },
    TIMEOUT_MS,
  );
});

/** It sends the same requests each time. */
function run(key: string): Promise<{ readonly code: unknown; readonly output: string }> {
  const options = [
    ...['--checks', 'all', '--phases', PHASES, '--max-examples', String(EXAMPLES), '--no-shrink'],
    ...[
      '--generation-deterministic',
      '--continue-on-failure',
      '--suppress-health-check',
      'all',
      '--request-timeout',
      '60',
    ],
    ...['--header', `Authorization: Bearer ${key}`, '--no-color'],
  ];
  return new Promise((resolve) => {
    const settings = { cwd: folder, maxBuffer: OUTPUT_BYTES_MAX };
    const args = ['--config-file', CONFIG, 'run', `${url}/docs/json`, ...options];
    execFile(PROGRAM, args, settings, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, output: stdout + stderr });
    });
  });
}
