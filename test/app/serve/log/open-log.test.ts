import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configSchema } from '../../../../src/app/project/config.ts';
import { pathsOf } from '../../../../src/app/project/paths.ts';
import { openLog } from '../../../../src/app/serve/log/open-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'weir-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the log of a project', () => {
  it('shows no password, whoever logs it and wherever it stands', () => {
    const config = configSchema.parse({});
    const log = openLog(pathsOf(folder, config), config);
    const address = 'postgres://weir:s3c@re/t@db/weir';
    const cause = Object.assign(new Error(`no way to "${address}"`), { input: address });
    log.child({ part: address }).warn({ err: new Error('failed', { cause }), address }, `asked ${address}`);
    const text = readFileSync(path.join(folder, '.weir', 'logs', 'weir.log'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ part: 'postgres://***@db/weir', msg: 'asked postgres://***@db/weir' });
    expect(text).not.toMatch(/s3c|re\/t/);
  });
});
