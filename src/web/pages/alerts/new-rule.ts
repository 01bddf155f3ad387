import type { AlertRuleKind } from '#api';
import { type RuleDraft, type RuleFields, readDraft, toDraft, toNumber } from './rule-draft.ts';

export type KindParam = AlertRuleKind['params'][number];

/** What is typed into the form of a new rule. */
export interface NewRuleDraft extends RuleDraft {
  readonly title: string;
  /** Empty as long as it follows from the title. */
  readonly name: string;
  /** By the name of the param; what was not touched is not there. */
  readonly params: Readonly<Record<string, string>>;
}

interface ParsedNewRule {
  readonly name: string;
  readonly fields: RuleFields;
  /** By field, and by `params.` and the name of a param. */
  readonly problems: Readonly<Record<string, string>>;
}

/** What is usual for a kind. */
export function toNewDraft({ suggested, unit }: AlertRuleKind): NewRuleDraft {
  return { ...toDraft({ ...suggested, unit, owner: '', runbook: '' }), title: '', name: '', params: {} };
}

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const NAME_LENGTH_MAX = 60;

/** The name that follows from a title: `No prices arrive!` is `no-prices-arrive`. */
export function toRuleName(title: string): string {
  const plain = title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = plain.split(/[^a-z0-9]+/).filter((word) => word !== '');
  return words
    .join('-')
    .replace(/^[^a-z]+/, '')
    .slice(0, NAME_LENGTH_MAX)
    .replace(/-+$/, '');
}

interface NewRuleOptions {
  readonly kind: AlertRuleKind;
  /** Names of the rules that are there. */
  readonly taken: readonly string[];
}

/** The new rule as the server takes it, with all that is wrong with it. */
export function parseNewRule(draft: NewRuleDraft, { kind, taken }: NewRuleOptions): ParsedNewRule {
  const { fields, problems } = readDraft(draft, kind.unit);
  const title = draft.title.trim();
  const name = draft.name.trim() || toRuleName(title);
  const params = kind.params.map((param) => readParam(param, draft.params[param.name]));
  const nameProblem = problemOfName(name, taken);
  return {
    name,
    fields: {
      ...{ ...fields, kind: kind.kind, title },
      params: Object.fromEntries(
        params.flatMap(({ param, value }) => (value === undefined ? [] : [[param.name, value]])),
      ),
    },
    problems: {
      ...problems,
      ...(title === '' ? { title: 'Expected what people call it' } : {}),
      ...(title === '' || nameProblem === undefined ? {} : { name: nameProblem }),
      ...Object.fromEntries(
        params.flatMap(({ param, problem }) => (problem === undefined ? [] : [[`params.${param.name}`, problem]])),
      ),
    },
  };
}

function problemOfName(name: string, taken: readonly string[]): string | undefined {
  if (taken.includes(name)) return `There is a rule ${name} already`;
  return NAME.test(name) && name.length <= NAME_LENGTH_MAX
    ? undefined
    : 'Expected lower-case words joined by hyphens, such as no-prices';
}

interface ReadParam {
  readonly param: KindParam;
  readonly value?: number | string;
  readonly problem?: string;
}

/** Nothing for a param that stays as usual. */
function readParam(param: KindParam, typed: string | undefined): ReadParam {
  const text = (typed ?? '').trim();
  if (text === '') return param.usual === null ? { param, problem: `Expected ${toRangeText(param)}` } : { param };
  if (param.type === 'text' || param.type === 'choice') return { param, value: text };
  const value = toNumber(text);
  const isInRange =
    value !== undefined &&
    (param.type === 'number' || Number.isInteger(value)) &&
    value >= (param.min ?? value) &&
    value <= (param.max ?? value);
  return isInRange ? { param, value } : { param, problem: `Expected ${toRangeText(param)}, got "${text}"` };
}

/** What a param takes: `minutes from 1 to 1440`. */
function toRangeText({ type, min, max, unit, names }: KindParam): string {
  if (type === 'choice') return 'one of the choices';
  if (type === 'text') return names === null ? 'a text' : `the name of a ${names}`;
  const what = unit ?? (type === 'integer' ? 'a whole number' : 'a number');
  if (min === null) return max === null ? what : `${what} up to ${max}`;
  return max === null ? `${what} from ${min}` : `${what} from ${min} to ${max}`;
}
