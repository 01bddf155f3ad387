import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  describeOwnProcess,
  identify,
  isRunning,
  ownProcessTag,
  type ProcessMark,
  stateOfProcess,
  stateOfTag,
} from '../../src/store/process-identity.ts';

const own = await describeOwnProcess();

async function endedPid(): Promise<number> {
  const child = spawn('true', { stdio: 'ignore' });
  await once(child, 'exit');
  return Number(child.pid);
}

describe('the state of a process', () => {
  it('is running for this one, by its mark and by its tag', async () => {
    expect(await stateOfProcess(own)).toBe('running');
    expect(await stateOfTag(await ownProcessTag())).toBe('running');
  });

  it('is ended once it has ended', async () => {
    const mark = { ...own, ...(await identify(await endedPid())) };
    expect(await isRunning(mark.pid)).toBe(false);
    expect(await stateOfProcess(mark)).toBe('ended');
  });

  it('is ended when its number belongs to another process now', async () => {
    expect(await stateOfProcess({ ...own, start: '1' })).toBe('ended');
  });

  it('is running where the system does not say when it started', async () => {
    expect(await stateOfProcess({ ...own, start: undefined })).toBe('running');
  });

  const [boot = '', namespace = ''] = (own.space ?? '').split(' ');
  const others: readonly (readonly [string, Partial<ProcessMark>, string])[] = [
    ['another container of this machine', { space: `${boot} pid:[1]`, host: 'other' }, 'elsewhere'],
    ['another container with the same host name', { space: `${boot} pid:[1]` }, 'elsewhere'],
    ['another machine', { space: `another-boot ${namespace}`, host: 'other' }, 'elsewhere'],
    ['this machine before it started again', { space: `another-boot ${namespace}` }, 'ended'],
  ];
  it.each(others)('of %s, whose pid is ours, is told apart', async (_, mark, state) => {
    expect(await stateOfProcess({ ...own, ...mark })).toBe(state);
  });

  it('cannot be seen by a tag of an earlier version', async () => {
    expect(await stateOfTag(`${process.pid}-00000000-00000000`)).toBe('elsewhere');
  });
});
