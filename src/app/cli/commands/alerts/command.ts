import type { Command } from 'commander';
import type { CommandContext, ProjectFlags } from '../../context.ts';
import { byOption, type ChangeFlags, jsonOption, projectOption, reasonOption, wholeNumber } from '../../flags.ts';
import { addRuleFlags } from './rule-flags.ts';
import type { ChangeRuleFlags, HistoryFlags, MuteFlags, TryFlags } from './run.ts';

const LISTED_MAX = 200;
const MUTE_MINUTES_MAX = 44_640;
const RULE = 'name of an alert rule';
const RECORDED = [
  ['ack', 'say that you look after a firing alert rule, so that nobody is reminded of it'],
  ['unmute', 'end the mutes of an alert rule'],
  ['reset', 'drop what people changed of an alert rule; one that people added is removed'],
] as const;

/** Adds `weir alerts` and its subcommands. */
export function addAlerts(program: Command, context: CommandContext): void {
  const { runInProject } = context;
  const alerts = program
    .command('alerts')
    .description('look at alert rules and channels, change, try, mute and acknowledge rules, and test channels');
  // What was said after "alerts" holds for the subcommand too.
  const withOuter = <F extends ProjectFlags>(flags: F): F => ({ ...alerts.opts<ProjectFlags>(), ...flags });
  const loaded = () => import('./run.ts');
  alerts
    .command('rules')
    .description('list the alert rules with their state, and the value beside the threshold')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: ProjectFlags) =>
      runInProject(withOuter(flags), async (command) => (await loaded()).showRules(command)),
    );
  alerts
    .command('history')
    .argument('<rule>', RULE)
    .description('say when an alert rule changed its state, newest first')
    .option('--limit <number>', 'how many at most', wholeNumber({ min: 1, max: LISTED_MAX }), 50)
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((rule: string, flags: HistoryFlags) =>
      runInProject(withOuter(flags), async (command) => (await loaded()).showHistory(rule, command)),
    );
  addChannels(alerts, { ...context, withOuter });
  addChanges(alerts, { ...context, withOuter });
  for (const [name, description] of RECORDED)
    alerts
      .command(name)
      .argument('<rule>', RULE)
      .description(`${description}; exit code 1 when there is nothing to do`)
      .addOption(reasonOption())
      .addOption(byOption())
      .addOption(projectOption())
      .addOption(jsonOption())
      .action((rule: string, flags: ChangeFlags) =>
        runInProject(withOuter(flags), async (command) =>
          (await loaded()).recordForRule(rule, { ...command, action: name }),
        ),
      );
}

function addChannels(alerts: Command, { runInProject, withOuter }: ChangesContext): void {
  const loaded = () => import('./channels.ts');
  alerts
    .command('channels')
    .description('list the alert channels of the settings: which alerts each gets, and whether it works')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: ProjectFlags) =>
      runInProject(withOuter(flags), async (command) => (await loaded()).showChannels(command)),
    );
  alerts
    .command('test')
    .argument('<channel>', 'name of an alert channel')
    .description('send a test message through an alert channel; exit code 1 when it is not accepted')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((channel: string, flags: ProjectFlags) =>
      runInProject(withOuter(flags), async (command) => (await loaded()).testChannel(channel, command)),
    );
}

interface ChangesContext extends Pick<CommandContext, 'runInProject'> {
  readonly withOuter: <F extends ProjectFlags>(flags: F) => F;
}

function addChanges(alerts: Command, { runInProject, withOuter }: ChangesContext): void {
  const loaded = () => import('./run.ts');
  addRuleFlags(
    alerts
      .command('try')
      .argument('<rule>', `${RULE}, or a new one with --kind`)
      .description('say when an alert rule, with the given changes, would have fired over the last 24 hours'),
  )
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((rule: string, flags: TryFlags) =>
      runInProject(withOuter(flags), async (command) => (await loaded()).tryOneRule(rule, command)),
    );
  addRuleFlags(
    alerts
      .command('change')
      .argument('<rule>', `${RULE}, or a new one with --kind`)
      .description('change an alert rule, switch it on or off, or add one'),
  )
    .option('--on', 'switch it on')
    .option('--off', 'switch it off')
    .addOption(reasonOption())
    .addOption(byOption())
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((rule: string, flags: ChangeRuleFlags) =>
      runInProject(withOuter(flags), async (command) => (await loaded()).changeOneRule(rule, command)),
    );
  alerts
    .command('mute')
    .argument('<rule>', RULE)
    .description('send no notices of an alert rule for a time; it is evaluated all the same')
    .option('--minutes <number>', 'how long', wholeNumber({ min: 1, max: MUTE_MINUTES_MAX }), 60)
    .addOption(reasonOption())
    .addOption(byOption())
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((rule: string, flags: MuteFlags) =>
      runInProject(withOuter(flags), async (command) => (await loaded()).muteOneRule(rule, command)),
    );
}
