import { type Command, InvalidArgumentError, Option } from 'commander';
import type { RuleFields } from '#monitor';

/** What is set of a rule by flags. */
export interface RuleFlags {
  readonly kind?: string;
  readonly threshold?: number;
  readonly for?: number;
  readonly severity?: 'low' | 'medium' | 'high';
  readonly missing?: 'notify' | 'quiet' | 'ok';
  readonly title?: string;
  readonly owner?: string;
  readonly runbook?: string;
  readonly group?: string;
  readonly param?: Readonly<Record<string, number | string>>;
}

function toNumber(text: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(number)) return number;
  throw new InvalidArgumentError(`Expected a number; got "${text}".`);
}

/** Collects `name=value`; a value that is a number becomes one. */
function toParam(text: string, before: RuleFlags['param'] = {}): NonNullable<RuleFlags['param']> {
  const [, name, value = ''] = /^([A-Za-z]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError(`Expected <name>=<value>; got "${text}".`);
  const number = Number(value);
  return { ...before, [name]: value.trim() === '' || Number.isNaN(number) ? value : number };
}

/** Adds the flags that set fields of a rule. */
export function addRuleFlags(command: Command): Command {
  return command
    .option('--kind <kind>', 'what a rule with a new name measures')
    .option('--threshold <number>', 'from which value the rule fires', toNumber)
    .option('--for <minutes>', 'how long that must last before it fires', toNumber)
    .addOption(new Option('--severity <severity>', 'how bad it is').choices(['low', 'medium', 'high']))
    .addOption(new Option('--missing <action>', 'what it does without data').choices(['notify', 'quiet', 'ok']))
    .option('--title <text>', 'what people call it')
    .option('--owner <name>', 'who looks after it')
    .option('--runbook <url>', 'the page that says what to do')
    .option('--group <name>', 'rules of a group that fire together are one notice')
    .option('--param <name=value>', 'a param of its kind; may be given several times', toParam);
}

/** The fields that flags set; undefined for the others. */
export function toFields({ for: forMinutes, missing: noData, param: params, ...flags }: RuleFlags): RuleFields {
  const { kind, threshold, severity, title, owner, runbook, group } = flags;
  return { kind, threshold, severity, title, owner, runbook, group, forMinutes, noData, params };
}
