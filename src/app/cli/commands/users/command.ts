import type { Command } from 'commander';
import type { CommandContext, ProjectFlags } from '../../context.ts';
import { byOption, type ChangeFlags, jsonOption, projectOption, reasonOption, roleOption } from '../../flags.ts';
import type { CreateFlags, PasswordFlags, RoleFlags } from './run.ts';

const USER = 'name of a user';
const PASSWORD = 'ask for a password, or read it as a line of standard input, instead of printing a one-time link';

/** Adds `weir users` and its subcommands. */
export function addUsers(program: Command, context: CommandContext): void {
  const { runInProject } = context;
  const loaded = () => import('./run.ts');
  const list = (flags: ProjectFlags) => runInProject(flags, async (command) => (await loaded()).showUsers(command));
  const users = program
    .command('users')
    .description('list the users with their role and last login; create and change them')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(list);
  // What was said after "users" holds for the subcommand too.
  const withOuter = <F extends ProjectFlags>(flags: F): F => ({ ...users.opts<ProjectFlags>(), ...flags });
  const common = (command: Command): Command =>
    command.addOption(reasonOption()).addOption(byOption()).addOption(projectOption()).addOption(jsonOption());
  users
    .command('list')
    .description('list the users with their role and last login')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: ProjectFlags) => list(withOuter(flags)));
  const { terminal } = context;
  common(
    users
      .command('create')
      .argument('<name>', 'what the user logs in with')
      .description('create a user and print a one-time link, with which they set their password')
      .addOption(roleOption('what the user may do').makeOptionMandatory())
      .option('--password', PASSWORD),
  ).action((name: string, flags: CreateFlags) =>
    runInProject(withOuter(flags), async (command) => (await loaded()).createOne(name, { ...command, terminal })),
  );
  common(
    users
      .command('reset')
      .argument('<user>', USER)
      .description('end the password and the sessions of a user and print a one-time link for a new password')
      .option('--password', PASSWORD),
  ).action((user: string, flags: PasswordFlags) =>
    runInProject(withOuter(flags), async (command) => (await loaded()).resetOne(user, { ...command, terminal })),
  );
  common(
    users
      .command('role')
      .argument('<user>', USER)
      .description('change the role of a user; their sessions end')
      .addOption(roleOption('what the user may do').makeOptionMandatory()),
  ).action((user: string, flags: RoleFlags) =>
    runInProject(withOuter(flags), async (command) => (await loaded()).changeOneRole(user, command)),
  );
  for (const [action, description] of STATES)
    common(users.command(action).argument('<user>', USER).description(description)).action(
      (user: string, flags: ChangeFlags) =>
        runInProject(withOuter(flags), async (command) => (await loaded()).changeState(user, { ...command, action })),
    );
}

const STATES = [
  ['disable', 'disable a user: sessions and keys end at once, and no login is possible'],
  ['enable', 'let a disabled user log in again'],
] as const;
