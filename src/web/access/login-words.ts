import { type LoginProblem, loginProblem } from '#api';

/** Why a login at the identity provider failed, and what to do. */
const PROBLEMS: Readonly<Record<LoginProblem, string>> = {
  oidc_absent: 'No identity provider is configured here. Log in with name and password.',
  oidc_unreachable: 'The identity provider cannot be reached from the server. Try again later, or tell an admin.',
  oidc_expired: 'The login took too long, or it was begun in another tab. Log in again.',
  oidc_denied: 'The identity provider refused the login. Ask those who run it whether you may use Weir.',
  oidc_invalid: 'The answer of the identity provider could not be verified. Log in again, or tell an admin.',
  group_missing: 'You are in none of the groups that may use Weir. Ask an admin which group gives you a role.',
  user_disabled: 'This user is disabled. An admin can enable it.',
};

/** The sentence for `?problem=` of the login page. */
export function maybeProblemText(problem: string | null): string | undefined {
  const known = loginProblem.safeParse(problem);
  return known.success ? PROBLEMS[known.data] : undefined;
}

/** The address to show after a login: one of this server, and not the login itself. */
export function toAddressAfterLogin({ pathname, search, hash }: Location | URL): string {
  if (pathname !== '/login' && pathname !== '/setup') return `${pathname}${search}${hash}`;
  const wanted = new URLSearchParams(search).get('to') ?? '/';
  // Two slashes, or a backslash, name another machine.
  return /^\/(?![/\\])/.test(wanted) && !/^\/(login|setup)\b/.test(wanted) ? wanted : '/';
}
