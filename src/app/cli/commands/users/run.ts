import {
  assertFitPassword,
  changeRole,
  createUser,
  disableUser,
  enableUser,
  findUserByName,
  type InvitedUser,
  listUsers,
  PasswordHasher,
  resetUser,
  setPassword,
  type User,
} from '#access';
import { type Role, setupPath, userName } from '#api';
import type { Database } from '#store';
import type { Config } from '../../../project/config.ts';
import { UsageError } from '../../../project/errors.ts';
import { withProject } from '../../../serve/open-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { actorOf, type ChangeFlags } from '../../flags.ts';
import { onRecord } from '../../on-record.ts';
import { readAll } from '../../read-all.ts';
import { tableLines } from '../../table-lines.ts';
import type { Terminal } from '../../terminal.ts';

export interface PasswordFlags extends ChangeFlags {
  readonly password?: true;
}
export interface CreateFlags extends PasswordFlags {
  readonly role: Role;
}
export interface RoleFlags extends ChangeFlags {
  readonly role: Role;
}

type WithTerminal = { readonly terminal: Pick<Terminal, 'readSecret'> };

/** Lists the users. */
export async function showUsers(options: InProject<ProjectFlags>): Promise<number> {
  const items = await withProject('records', options, ({ database }) =>
    readAll((request) => listUsers(database, request)),
  );
  const rows = items.map(({ name, role, state, origin, lastLoginAt }) => [
    ...[name, role, state, origin, lastLoginAt?.toISOString() ?? 'never'],
  ]);
  const none = 'There is no user yet: weir users create <name> --role admin makes one\n';
  const text = items.length === 0 ? none : tableLines([['name', 'role', 'state', 'logs in by', 'last login'], ...rows]);
  options.print(options.json ? `${JSON.stringify({ items })}\n` : printable(text));
  return EXIT_CODES.done;
}

type Action = 'createUser' | 'resetUser' | 'changeUserRole' | 'disableUser' | 'enableUser';
interface UserChange extends Pick<ChangeFlags, 'by' | 'reason'> {
  readonly action: Action;
  readonly name: string;
}

/** Changes a user in one transaction with the entry in the audit log. */
function changeUser<T extends User | InvitedUser>(
  database: Database,
  { by, reason, action, name }: UserChange,
  change: (inside: Database) => Promise<T>,
): Promise<T> {
  const state = (inside: Database): Promise<User | undefined> => findUserByName(inside, name).catch(() => undefined);
  const toTarget = (changed: User | InvitedUser): string => `user=${('user' in changed ? changed.user : changed).name}`;
  return onRecord(database, { action, by, reason, target: `user=${name}`, toTarget, state }, change);
}

/** Creates a user, with a password or with a link to set one. */
export async function createOne(given: string, options: InProject<CreateFlags> & WithTerminal): Promise<number> {
  const parsed = userName.safeParse(given);
  if (!parsed.success)
    throw new UsageError('usage_invalid', `Expected a name of 1 to 100 printable characters; got "${given}".`);
  const { role } = options;
  const password = await maybePassword(parsed.data, options);
  return withProject('records', options, async ({ config, database }) => {
    const invited = await changeUser(database, { ...options, name: parsed.data, action: 'createUser' }, (inside) =>
      createUser(inside, { name: parsed.data, role }),
    );
    return showInvited(invited, { ...options, config, database, password });
  });
}

/** Ends the password of a user, and sets another one or gives a link to set one. */
export async function resetOne(name: string, options: InProject<PasswordFlags> & WithTerminal): Promise<number> {
  const password = await maybePassword(name, options);
  return withProject('records', options, async ({ config, database }) => {
    const { id } = await findUserByName(database, name);
    const invited = await changeUser(database, { ...options, name, action: 'resetUser' }, (inside) =>
      resetUser(inside, id),
    );
    return showInvited(invited, { ...options, config, database, password });
  });
}

/** From a prompt or from standard input: what stands among arguments can be read by every user of the machine. */
async function maybePassword(
  name: string,
  options: InProject<PasswordFlags> & WithTerminal,
): Promise<string | undefined> {
  if (options.password !== true) return undefined;
  const password = await options.terminal.readSecret(`Password of ${name}: `);
  assertFitPassword(password, name);
  return password;
}

interface Inviting extends Pick<InProject<ProjectFlags>, 'print' | 'warn' | 'json'> {
  readonly config: Config;
  readonly database: Database;
  readonly password: string | undefined;
}

/** Standard output has nothing but the link, so that a script can send it. */
async function showInvited(
  { user, setupLink: { token, expiresAt } }: InvitedUser,
  { config, database, password, print, warn, json }: Inviting,
): Promise<number> {
  if (password !== undefined) {
    await setPassword(database, { id: user.id, passwordHash: await new PasswordHasher().hash(password) });
    print(json ? `${JSON.stringify({ user })}\n` : printable(`${user.name} (${user.role}) can log in\n`));
    return EXIT_CODES.done;
  }
  const { url, host, port } = config.server;
  const link = new URL(setupPath({ token, name: user.name }), url === '' ? `http://${host}:${port}` : url).href;
  print(json ? `${JSON.stringify({ user, link, expiresAt })}\n` : `${link}\n`);
  if (json !== true)
    warn(
      printable(
        `With this link ${user.name} (${user.role}) sets a password. It works once, until ${expiresAt.toISOString()}.\n`,
      ),
    );
  return EXIT_CODES.done;
}

/** Gives a user another role. */
export async function changeOneRole(name: string, options: InProject<RoleFlags>): Promise<number> {
  const user = await withProject('records', options, async ({ database }) => {
    const { id } = await findUserByName(database, name);
    return changeUser(database, { ...options, name, action: 'changeUserRole' }, (inside) =>
      changeRole(inside, id, options.role),
    );
  });
  return showChanged(user, options);
}

/** Disables or enables a user. */
export async function changeState(
  name: string,
  options: InProject<ChangeFlags> & { readonly action: 'disable' | 'enable' },
): Promise<number> {
  const user = await withProject('records', options, async ({ database }) => {
    const { id } = await findUserByName(database, name);
    return changeUser(database, { ...options, name, action: `${options.action}User` }, (inside) =>
      options.action === 'enable' ? enableUser(inside, id) : disableUser(inside, { id, by: actorOf(options.by) }),
    );
  });
  return showChanged(user, options);
}

function showChanged(user: User, { json, print }: InProject<ChangeFlags>): number {
  print(
    json ? `${JSON.stringify({ user })}\n` : printable(`${user.name} is ${user.state}, with the role ${user.role}\n`),
  );
  return EXIT_CODES.done;
}
