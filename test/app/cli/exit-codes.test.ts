import { describe, expect, it } from 'vitest';
import { ContractError } from '#contracts';
import { EngineError } from '#engine';
import { StoreError } from '#store';
import { EXIT_CODES, exitCodeOf } from '../../../src/app/cli/exit-codes.ts';
import { UsageError } from '../../../src/app/project/errors.ts';

describe('the exit code of an error', () => {
  it.each([
    ['wrong arguments', new UsageError('usage_invalid', 'no'), EXIT_CODES.usage],
    ['params that do not fit', new EngineError('params_invalid', 'no'), EXIT_CODES.usage],
    ['a retry that is refused', new EngineError('retry_refused', 'no'), EXIT_CODES.usage],
    ['a run that another process took over', new EngineError('run_lost', 'no'), EXIT_CODES.failed],
    ['a file that is no table', new ContractError('file_unreadable', 'no'), EXIT_CODES.unreadable],
    ['a state folder that is in use', new StoreError('state_folder_in_use', 'no'), EXIT_CODES.busy],
    ['a Weir that runs over the project already', new UsageError('weir_running', 'no'), EXIT_CODES.busy],
    ['a Weir that does not answer', new UsageError('weir_silent', 'no'), EXIT_CODES.busy],
    ['a database that is away', new StoreError('database_unreachable', 'no'), EXIT_CODES.software],
  ])('of %s goes by its part and code', (_, error, exitCode) => {
    expect(exitCodeOf(error)).toBe(exitCode);
  });

  it.each([
    ['the system', Object.assign(new Error('no such file'), { code: 'ENOENT' })],
    ['somebody whose code has one of our names', Object.assign(new Error('no'), { code: 'usage_invalid' })],
    ['an unknown part', Object.assign(new Error('no'), { part: 'moon', code: 'usage_invalid' })],
    ['nobody', 'no'],
  ])('of %s is that of an unexpected one', (_, error) => {
    expect(exitCodeOf(error)).toBe(EXIT_CODES.software);
  });
});
