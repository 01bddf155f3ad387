import type { AuditEntry } from '#api';
import type { Page, Queryable } from '#store';
import { type AuditFilters, listChanges } from './list-changes.ts';

const ROWS_AT_ONCE = 1_000;
const COLUMNS = [
  ...['id', 'at', 'actor_kind', 'actor_id', 'actor', 'address', 'action', 'target', 'outcome', 'code', 'reason'],
  ...['before', 'after', 'request_id'],
] as const;

/** The audit log as CSV with a header, oldest first, in bounded memory. */
export async function* changesAsCsv(database: Queryable, filters: AuditFilters): AsyncGenerator<string> {
  yield `${COLUMNS.join(',')}\r\n`;
  let cursor: string | undefined;
  do {
    const page: Page<AuditEntry> = await listChanges(database, { ...filters, sort: 'at', cursor, limit: ROWS_AT_ONCE });
    yield page.items.map(toLine).join('');
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

function toLine(entry: AuditEntry): string {
  const { id, at, actor, address, action, target, outcome, code, reason, before, after, requestId } = entry;
  return `${[
    ...[id, at, actor.kind, actor.id, actor.name, address, action, target, outcome, code, reason],
    ...[before, after].map((value) => (value === null ? null : JSON.stringify(value))),
    requestId,
  ]
    .map(toCell)
    .join(',')}\r\n`;
}

// Spreadsheets run a cell that begins so; what clients send must not become a formula.
const FORMULA = /^[=+\-@\t\r]/;

function toCell(value: string | null): string {
  const text = value ?? '';
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
