import type { AlertRule } from '#api';
import type { Request } from '../../client.ts';

/** What is typed into the form of a rule. */
export interface RuleDraft {
  readonly threshold: string;
  readonly forMinutes: string;
  readonly severity: AlertRule['severity'];
  readonly owner: string;
  readonly runbook: string;
}

export type RuleFields = Request<'tryAlertRule'>['body'];

interface ParsedDraft {
  /** What differs from the rule. */
  readonly fields: RuleFields;
  readonly problems: Partial<Readonly<Record<keyof RuleDraft, string>>>;
}

/** People write shares in percent. */
const PER_CENT = 100;

type Drafted = Pick<AlertRule, 'unit' | keyof RuleDraft>;

export function toDraft({ threshold, unit, forMinutes, severity, owner, runbook }: Drafted): RuleDraft {
  // Rounded, because 0.07 × 100 is 7.000000000000001.
  const shown = unit === 'share' ? Number((threshold * PER_CENT).toPrecision(12)) : threshold;
  return { threshold: String(shown), forMinutes: String(forMinutes), severity, owner, runbook };
}

/** What the server is asked to change; nothing of what is equal. */
export function parseDraft(draft: RuleDraft, rule: AlertRule): ParsedDraft {
  const { fields, problems } = readDraft(draft, rule.unit);
  const before = toDraft(rule);
  const changed = Object.entries(fields).filter(([name, value]) => {
    const key = name as keyof RuleDraft; // The names of the fields are those of the draft.
    return value !== undefined && draft[key] !== before[key];
  });
  return { fields: Object.fromEntries(changed), problems };
}

/** All that is typed, as the server takes it; what cannot be read is undefined and a problem. */
export function readDraft(draft: RuleDraft, unit: AlertRule['unit']): ParsedDraft {
  const typed = toNumber(draft.threshold);
  const threshold = typed !== undefined && unit === 'share' ? typed / PER_CENT : typed;
  const forMinutes = toNumber(draft.forMinutes);
  const runbook = draft.runbook.trim();
  return {
    fields: { threshold, forMinutes, severity: draft.severity, owner: draft.owner.trim(), runbook },
    problems: {
      ...(threshold === undefined ? { threshold: `Expected a number, got "${draft.threshold}"` } : {}),
      ...(forMinutes === undefined || forMinutes < 0
        ? { forMinutes: `Expected minutes, 0 or more, got "${draft.forMinutes}"` }
        : {}),
      ...(runbook === '' || /^https?:\/\/\S+$/.test(runbook)
        ? {}
        : { runbook: `Expected an address that begins with https:// or nothing, got "${runbook}"` }),
    },
  };
}

export function toNumber(text: string): number | undefined {
  const value = Number(text.trim().replace(',', '.'));
  return text.trim() === '' || !Number.isFinite(value) ? undefined : value;
}
