import { type Access, includesRole, type Role } from '#api';

/** Who sends a request: a program of this machine where there is no login, a person, or a program with an API key. */
export interface Identity {
  readonly kind: 'local' | 'user' | 'key';
  /** Unique among identities of its kind. */
  readonly id: string;
  /** On record as the actor of a change. */
  readonly name: string;
  readonly role: Role;
}

/** Everyone who reaches a server without login, which listens on a loopback address only. */
export const LOCAL_IDENTITY: Identity = { kind: 'local', id: 'local', name: 'local', role: 'admin' };

/** Whether somebody, or with undefined a stranger, may use what needs this access. */
export function isAllowed(identity: Identity | undefined, access: Access): boolean {
  if (access === 'anyone') return true;
  return identity !== undefined && includesRole(identity.role, access);
}
