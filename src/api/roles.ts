import { z } from 'zod';

/** Roles, each of which may do all that the one before may. */
export const roles = ['viewer', 'operator', 'admin'] as const;

/** What somebody may do: read; also change how work runs; also give access and delete. */
export type Role = (typeof roles)[number];

/** Who may use a route: anyone, also without a login, or whoever has at least a role. */
export type Access = 'anyone' | Role;

export const role = z.enum(roles).meta({
  id: 'Role',
  description:
    '`viewer` reads; `operator` also changes how work runs: predicts, starts, promotes, mutes; `admin` also manages users and keys, and deletes.',
});

/** Whether a role includes another. */
export function includesRole(held: Role, needed: Role): boolean {
  return roles.indexOf(held) >= roles.indexOf(needed);
}
