import { z } from 'zod';
import { listCursor, listSearch, listSort, moment, pageSize, timezone } from './list-query.ts';

const TEXT_MAX = 200;

/** Who asked for a change: at this machine without login, a user, a key, a command beside the server, or nobody known. */
export const auditActorKind = z.enum(['local', 'user', 'key', 'command', 'anonymous']);
export const auditOutcome = z.enum(['done', 'refused', 'failed']);

/** A change that somebody made, or tried to make. */
export const auditEntry = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    actor: z.object({
      kind: auditActorKind,
      id: z
        .string()
        .nullable()
        .meta({ description: 'Of a user or a key; of a command the user of the operating system' }),
      name: z.string(),
    }),
    address: z.string().nullable().meta({ description: 'The network address of the client' }),
    action: z.string().meta({
      description: 'The `operationId` of the endpoint, also where a command does the same; or else the command',
    }),
    target: z.string().nullable().meta({ description: 'What was changed, such as `pipeline=train`' }),
    outcome: auditOutcome.meta({ description: '`refused`: not permitted; `failed`: permitted, and an error ended it' }),
    code: z.string().nullable().meta({ description: 'The code of the error of what was refused or failed' }),
    reason: z.string().nullable().meta({ description: 'Why, as the actor says' }),
    before: z.unknown().meta({ description: 'What was so before, as far as it is known; secrets are left out' }),
    after: z.unknown().meta({ description: 'What was asked for, and what came of it; secrets are left out' }),
    requestId: z.string().nullable().meta({ description: 'Of the request, which the log names too' }),
  })
  .meta({ id: 'AuditEntry' });

const auditFilters = {
  actor: z
    .string()
    .min(1)
    .max(TEXT_MAX)
    .optional()
    .meta({ description: 'Changes by this actor: its name', examples: ['Ada'] }),
  action: z
    .string()
    .min(1)
    .max(TEXT_MAX)
    .optional()
    .meta({ description: 'Changes of this kind', examples: ['promoteVersion'] }),
  outcome: auditOutcome.optional().meta({ description: 'Changes that ended so', examples: ['done'] }),
  from: moment.optional().meta({ description: 'The first day or moment', examples: ['2026-03-01'] }),
  to: moment.optional().meta({ description: 'The last day or moment', examples: ['2099-12-31T12:00:00Z'] }),
  timezone,
};

export const auditLogQuery = z.strictObject({
  ...auditFilters,
  sort: listSort(['at']),
  search: listSearch,
  cursor: listCursor(['-at', '2026-03-01T12:00:00.000000Z', '1']),
  limit: pageSize(200),
});
export const auditFileQuery = z.strictObject(auditFilters);

export const auditLog = z
  .object({ items: z.array(auditEntry), nextCursor: z.string().nullable() })
  .meta({ id: 'AuditLog' });

/** The endpoints of the audit log; `routes` has them with all others. */
export const auditRoutes = {
  auditLog: {
    method: 'GET',
    path: '/api/audit-log',
    tag: 'system',
    access: 'admin',
    summary: 'Who changed what, and who tried to, newest first',
    query: auditLogQuery,
    answer: auditLog,
  },
  auditLogFile: {
    method: 'GET',
    path: '/api/audit-log.csv',
    tag: 'system',
    access: 'admin',
    summary: 'The same as a CSV file, oldest first',
    query: auditFileQuery,
    answer: z.unknown().meta({ type: 'string' }),
    answerType: 'text/csv',
  },
} as const;

export type AuditActorKind = z.infer<typeof auditActorKind>;
export type AuditEntry = z.infer<typeof auditEntry>;
export type AuditOutcome = z.infer<typeof auditOutcome>;
