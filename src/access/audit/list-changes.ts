import type { AuditEntry, AuditOutcome } from '#api';
import { type ListSort, type Page, type PagedList, type PageRequest, type Queryable, readPage } from '#store';

export interface AuditFilters {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
  readonly from?: Date | undefined;
  readonly toExclusive?: Date | undefined;
}

export interface AuditRequest extends AuditFilters {
  readonly sort?: ListSort<'at'> | undefined;
  readonly search?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

interface AuditRow extends Omit<AuditEntry, 'at' | 'actor'> {
  readonly at: Date;
  readonly actorKind: AuditEntry['actor']['kind'];
  readonly actorId: string | null;
  readonly actorName: string;
}

const AUDIT_LOG: PagedList<'at'> = {
  name: 'changes',
  table: 'audit_log',
  columns: `id, at, actor_kind as "actorKind", actor_id as "actorId", actor as "actorName", address, action, target,
    outcome, code, reason, before, after, request_id as "requestId"`,
  id: { sql: 'id', type: 'bigint' },
  orders: { at: { sql: 'at', type: 'timestamptz' } },
  sort: '-at',
  text: "concat_ws(' ', actor, actor_id, address, action, target, outcome, code, reason, before::text, after::text)",
};

/** The audit log, a page at a time; newest first unless it is sorted. */
export async function listChanges(queryable: Queryable, request: AuditRequest): Promise<Page<AuditEntry>> {
  const { items, nextCursor } = await readPage<AuditRow, 'at'>(queryable, AUDIT_LOG, {
    request: toPageRequest(request),
  });
  return { items: items.map(toEntry), nextCursor };
}

function toPageRequest(request: AuditRequest): PageRequest<'at'> {
  const { actor, action, outcome, from, toExclusive, ...page } = request;
  const bounds = [
    ...(from === undefined ? [] : [{ sql: 'at >=', value: from }]),
    ...(toExclusive === undefined ? [] : [{ sql: 'at <', value: toExclusive }]),
  ];
  return {
    ...page,
    equal: { actor, action, outcome },
    where: bounds.map(({ sql }, index) => `${sql} $${index + 1}`),
    values: bounds.map(({ value }) => value),
  };
}

function toEntry({ at, actorKind, actorId, actorName, ...row }: AuditRow): AuditEntry {
  return { ...row, at: at.toISOString(), actor: { kind: actorKind, id: actorId, name: actorName } };
}
