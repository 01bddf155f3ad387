import { listVersionPins, type Pin, pinRun, pinVersion, unpin } from '#engine';
import { withProject } from '../../../serve/open-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { actorOf, type ChangeFlags } from '../../flags.ts';
import { onRecord } from '../../on-record.ts';

export interface PinsFlags extends ProjectFlags {
  readonly all?: boolean;
}

export interface WithdrawFlags extends ProjectFlags {
  readonly by?: string;
}

/** What a pin keeps. */
export interface Pinned {
  readonly kind: 'version' | 'run';
  readonly id: string;
}

/** Lists pins, with who made them and why. */
export async function showPins(options: InProject<PinsFlags>): Promise<number> {
  const pins = await withProject('records', options, ({ database }) =>
    listVersionPins(database, { withWithdrawn: options.all === true }),
  );
  options.print(
    options.json ? `${JSON.stringify({ pins })}\n` : printable(pins.map(lineOf).join('') || 'Nothing is pinned\n'),
  );
  return EXIT_CODES.done;
}

/** Pins a version or a run. */
export async function addPin({ kind, id }: Pinned, options: InProject<ChangeFlags>): Promise<number> {
  const { by, reason, json, print } = options;
  const pin = kind === 'version' ? pinVersion : pinRun;
  const made = await withProject('records', options, ({ database }) =>
    onRecord(
      database,
      { action: `weir pins ${kind}`, target: `${kind}=${id}`, by, reason, toAfter: (made: string) => ({ pin: made }) },
      (inside) => pin(inside, id, { actor: actorOf(by), reason }),
    ),
  );
  print(json ? `${JSON.stringify({ pin: made, [kind]: id })}\n` : `Pin ${made} keeps ${kind} ${id}\n`);
  return EXIT_CODES.done;
}

/** Withdraws a pin. */
export async function withdrawPin(id: string, options: InProject<WithdrawFlags>): Promise<number> {
  const { by, json, print } = options;
  await withProject('records', options, ({ database }) =>
    onRecord(database, { action: 'weir pins withdraw', target: `pin=${id}`, by }, (inside) =>
      unpin(inside, id, { actor: actorOf(by) }),
    ),
  );
  print(json ? `${JSON.stringify({ pin: id })}\n` : `Pin ${id} is withdrawn\n`);
  return EXIT_CODES.done;
}

function lineOf({ id, version, runId, actor, reason, pinnedAt, unpinnedAt, unpinnedBy }: Pin): string {
  const kept = version === null ? `run ${runId}` : `version ${version}`;
  const withdrawn = unpinnedAt === null ? '' : `; withdrawn by ${unpinnedBy} at ${unpinnedAt.toISOString()}`;
  return `  ${id.padStart(6)}  ${kept}  ${pinnedAt.toISOString()}  by ${actor}: ${reason}${withdrawn}\n`;
}
