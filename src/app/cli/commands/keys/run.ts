import { type ApiKey, createApiKey, listApiKeys, revokeApiKey } from '#access';
import { apiKeyName, type Role } from '#api';
import { UsageError } from '../../../project/errors.ts';
import { withProject } from '../../../serve/open-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { actorOf, type ChangeFlags } from '../../flags.ts';
import { onRecord } from '../../on-record.ts';
import { readAll } from '../../read-all.ts';
import { tableLines } from '../../table-lines.ts';

export interface CreateFlags extends ChangeFlags {
  readonly role: Role;
  readonly days: number;
}

type CreatedApiKey = Awaited<ReturnType<typeof createApiKey>>;

const DAY_MS = 86_400_000;
const PREFIX_FORM = /^weir_([0-9a-f]+)(?:_.*)?$/;

/** Lists the API keys. */
export async function showKeys(options: InProject<ProjectFlags>): Promise<number> {
  const items = await withProject('records', options, ({ database }) =>
    readAll((request) => listApiKeys(database, request)),
  );
  options.print(options.json ? `${JSON.stringify({ items })}\n` : printable(toText(items)));
  return EXIT_CODES.done;
}

/** Creates an API key. Standard output has nothing but the key, so that a script can store it. */
export async function createKey(name: string, options: InProject<CreateFlags>): Promise<number> {
  const { role, days, by, json, print, warn } = options;
  const parsed = apiKeyName.safeParse(name);
  if (!parsed.success)
    throw new UsageError('usage_invalid', `Expected a name of 1 to 100 printable characters; got "${name}".`);
  const expiresAt = days === 0 ? null : new Date(Date.now() + days * DAY_MS);
  const key = { name: parsed.data, role, expiresAt };
  const { apiKey, text } = await withProject('records', options, ({ database }) =>
    onRecord(
      database,
      {
        ...{ action: 'createApiKey', by, reason: options.reason, toAfter: () => key },
        toTarget: (created: CreatedApiKey) => `prefix=${created.apiKey.prefix}`,
      },
      (inside) => createApiKey(inside, { ...key, by: actorOf(by) }),
    ),
  );
  print(json ? `${JSON.stringify({ apiKey, secret: text })}\n` : `${text}\n`);
  const ends = expiresAt === null ? 'does not expire' : `is valid until ${expiresAt.toISOString()}`;
  if (json !== true)
    warn(
      `The key ${apiKey.prefix} of ${parsed.data} (${role}) ${ends}. It is not stored and not shown again: keep it now.\n`,
    );
  return EXIT_CODES.done;
}

/** Revokes an API key. Exit code 1 when it was revoked before. */
export async function revokeKey(key: string, options: InProject<ChangeFlags>): Promise<number> {
  const { by, json, print } = options;
  // People paste what they have: the prefix as it is listed, or all of the key.
  const meant = PREFIX_FORM.exec(key)?.[1] ?? key;
  const apiKey = await withProject('records', options, ({ database }) =>
    onRecord(
      database,
      {
        action: 'revokeApiKey',
        by,
        reason: options.reason,
        target: `key=${meant}`,
        toTarget: ({ prefix }: ApiKey) => `prefix=${prefix}`,
      },
      (inside) => revokeApiKey(inside, { key: meant, by: actorOf(by) }),
    ),
  );
  print(json ? `${JSON.stringify({ apiKey })}\n` : `The key ${apiKey.prefix} of ${apiKey.name} is revoked\n`);
  return EXIT_CODES.done;
}

function toText(keys: readonly ApiKey[]): string {
  if (keys.length === 0) return 'There is no API key yet: weir keys create <name> makes one\n';
  return tableLines([
    ['prefix', 'name', 'role', 'state', 'last used', 'created by'],
    ...keys.map((key) => [
      key.prefix,
      key.name,
      key.role,
      stateOf(key),
      key.lastUsedAt?.toISOString() ?? 'never',
      key.createdBy,
    ]),
  ]);
}

function stateOf({ revokedAt, revokedBy, expiresAt }: ApiKey): string {
  if (revokedAt !== null) return `revoked ${revokedAt.toISOString()} by ${revokedBy}`;
  if (expiresAt === null) return 'does not expire';
  return expiresAt <= new Date() ? `expired ${expiresAt.toISOString()}` : `until ${expiresAt.toISOString()}`;
}
