import type { AuditActorKind, AuditOutcome } from '#api';
import type { Queryable } from '#store';
import { withoutSecrets } from './without-secrets.ts';

/** Who changes something. */
export interface Actor {
  readonly kind: AuditActorKind;
  /** Of a user or a key; of a command the user of the operating system. */
  readonly id?: string | null;
  readonly name: string;
  /** Network address of the client. */
  readonly address?: string | null;
}

/** A change that was made, refused, or that failed. */
export interface RecordedChange {
  readonly actor: Actor;
  readonly action: string;
  readonly target?: string | null;
  readonly outcome: AuditOutcome;
  /** Of the error; absent when it is done. */
  readonly code?: string;
  readonly reason?: string | null;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly requestId?: string | null;
}

const TEXT_MAX = 500;

/** Adds a change to the audit log, in the transaction of the change when it is one. Secrets are left out. */
export async function recordChange(queryable: Queryable, change: RecordedChange): Promise<void> {
  const { actor, action, target, outcome, code, reason, before, after, requestId } = change;
  await queryable.query(
    `insert into audit_log
       (actor_kind, actor_id, actor, address, action, target, outcome, code, reason, before, after, request_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11::jsonb, $12)`,
    [
      ...[actor.kind, actor.id ?? null, toText(actor.name), actor.address ?? null],
      ...[action, toText(target), outcome, code ?? null, toText(reason), toJson(before), toJson(after)],
      requestId ?? null,
    ],
  );
}

function toText(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : String(withoutSecrets(text.slice(0, TEXT_MAX)));
}

const toJson = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(withoutSecrets(value));
