import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ACCESS_ERRORS } from '../../src/access/errors.ts';
import { EXIT_CODES, EXITS } from '../../src/app/cli/exit-codes.ts';
import { APP_ERRORS } from '../../src/app/project/errors.ts';
import { CONTRACT_ERRORS } from '../../src/contracts/errors.ts';
import { ENGINE_ERRORS } from '../../src/engine/define/errors.ts';
import { ML_ERRORS } from '../../src/ml/errors.ts';
import { MONITOR_ERRORS } from '../../src/monitor/errors.ts';
import { PIPELINE_ERRORS } from '../../src/pipelines/errors.ts';
import { ANSWERS } from '../../src/server/answers.ts';
import { SERVER_ERRORS, ServerError } from '../../src/server/errors.ts';
import { toBody } from '../../src/server/to-server-error.ts';
import { STORE_ERRORS } from '../../src/store/errors.ts';

const EXAMPLE_DETAIL = 'Expected the id of a run; got "7". GET /api/runs lists them.';
const EXAMPLE_REQUEST = '0f8fad5b-d9cb-469f-a165-70867728950e';
const PAGE = path.join(import.meta.dirname, '../../docs/errors.md');

type Codes = Readonly<Record<string, string>>;

const PARTS: Readonly<Record<string, { readonly errors: Codes; readonly exits: Codes; readonly answers?: Codes }>> = {
  Store: { errors: STORE_ERRORS, exits: EXITS.store, answers: ANSWERS.store },
  Engine: { errors: ENGINE_ERRORS, exits: EXITS.engine, answers: ANSWERS.engine },
  Contracts: { errors: CONTRACT_ERRORS, exits: EXITS.contracts, answers: ANSWERS.contracts },
  Models: { errors: ML_ERRORS, exits: EXITS.ml, answers: ANSWERS.ml },
  Monitor: { errors: MONITOR_ERRORS, exits: EXITS.monitor, answers: ANSWERS.monitor },
  Access: { errors: ACCESS_ERRORS, exits: EXITS.access, answers: ANSWERS.access },
  Pipelines: { errors: PIPELINE_ERRORS, exits: EXITS.pipelines },
  App: { errors: APP_ERRORS, exits: EXITS.app },
};

describe('the page of errors', () => {
  // `npx vitest run test/house/errors.test.ts -u` writes it.
  it('lists each code with its HTTP answer, its exit code and its meaning, as the source has them', async () => {
    await expect(page()).toMatchFileSnapshot(PAGE);
  });
});

describe('the codes of a part', () => {
  it.each(Object.entries(PARTS))('of %s are words in lower case with a sentence each', (_, { errors }) => {
    for (const [code, meaning] of Object.entries(errors)) {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)+$/);
      expect(meaning).toMatch(/^[A-Z].*\.$/);
    }
  });
});

function page(): string {
  const rows = Object.entries(SERVER_ERRORS).map(([code, { status, message }]) => [`\`${code}\``, status, message]);
  return [
    '# Errors\n',
    'By part. A code stays the same when the words change. A test writes this page and proves it equal to the source.\n',
    '## Server\n',
    'Every answer of the API that is an error has the media type `application/problem+json` (RFC 9457):\n',
    '```json',
    JSON.stringify(toBody(new ServerError('run_unknown', EXAMPLE_DETAIL), EXAMPLE_REQUEST), null, 2),
    '```\n',
    '`type` names the kind of error and is an address of no page: `urn:weir:error:` and the code. `title` and `status` are those',
    'of the table. `detail` says what was expected, what came and what to do. `instance` names the answer: `urn:weir:request:`',
    'and the id under which the log has the request. `code` is the last part of `type`, for programs. `rows_invalid` also has',
    '`problems`, a list of `row` (from 0, as sent), `field`, `expected` and `got`.\n',
    ...table(['code', 'status', 'title'], rows),
    '## The other parts\n',
    'An error of a part has `part` and `code`. The API answers it with the code and status in the column HTTP; `–` is what no',
    'request should be able to meet, so it is answered as `internal`. A command ends with the exit code in the column exit. A',
    'failed attempt keeps the code in its record.\n',
    ...Object.entries(PARTS).flatMap(([name, part]) => [`### ${name}\n`, ...tableOf(part)]),
  ].join('\n');
}

function tableOf({ errors, exits, answers }: (typeof PARTS)[string]): readonly string[] {
  const exitOf = (code: string) => new Map<string, number>(Object.entries(EXIT_CODES)).get(exits[code] ?? '');
  const rows = Object.entries(errors).map(([code, meaning]) => [
    `\`${code}\``,
    ...(answers === undefined ? [] : [httpOf(answers[code])]),
    exitOf(code),
    meaning,
  ]);
  return table(['code', ...(answers === undefined ? [] : ['HTTP']), 'exit', 'meaning'], rows);
}

function httpOf(answer: string | undefined): string {
  const status = Object.entries(SERVER_ERRORS).find(([code]) => code === answer)?.[1].status;
  return answer === 'internal' ? '–' : `${status} \`${answer}\``;
}

function table(head: readonly string[], rows: readonly (readonly unknown[])[]): readonly string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).concat('');
}
