export { changeTogether } from './audit/change-together.ts';
export { changesAsCsv } from './audit/changes-as-csv.ts';
export { forgetChanges } from './audit/forget-changes.ts';
export { listChanges } from './audit/list-changes.ts';
export { type Actor, type RecordedChange, recordChange } from './audit/record-change.ts';
export { AccessError, type AccessErrorCode } from './errors.ts';
export { type Identity, isAllowed, LOCAL_IDENTITY } from './identity.ts';
export {
  type ApiKey,
  createApiKey,
  followRevocations,
  listApiKeys,
  revokeApiKey,
} from './keys/api-keys.ts';
export { createKeyCheck, type KeyAnswer, type KeyCheck } from './keys/key-check.ts';
export { newProcessKey, type ProcessKey } from './keys/process-key.ts';
export { Logins, type LoginsEffects } from './logins/logins.ts';
export { isLoopback } from './loopback.ts';
export { IdentityProvider, OidcRefusal, type OidcSettings, type OidcTransaction } from './oidc/identity-provider.ts';
export { takeProvidedUser } from './oidc/provided-user.ts';
export { LoginThrottle } from './passwords/login-throttle.ts';
export { PasswordHasher } from './passwords/password-hasher.ts';
export { passwordProblem } from './passwords/password-problem.ts';
export { csrfTokenOf, isCsrfTokenOf } from './sessions/session-token.ts';
export {
  followEndedSessions,
  type LoginClient,
  type Session,
  type StartedSession,
} from './sessions/sessions.ts';
export { maybeFirstAdminLink } from './setup/first-admin.ts';
export {
  changeRole,
  createUser,
  disableUser,
  enableUser,
  endUserSessions,
  type InvitedUser,
  resetUser,
} from './users/change-user.ts';
export { assertFitPassword, setPassword } from './users/set-password.ts';
export { findUserByName, listUsers, readUser, type User } from './users/user.ts';
