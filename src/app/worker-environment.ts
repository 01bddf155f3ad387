import type { Environment } from './config.ts';

/**
 * What programs need to find themselves at home: paths, language, time zone, certificates, proxies, Node's own settings,
 * and what Windows cannot do without. Upper case, since Windows does not care.
 */
const USUAL =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TEMP|TMP|TZ|LANG|LANGUAGE|LC_\w+|(?:HTTPS?|ALL|NO)_PROXY|SSL_CERT_(?:FILE|DIR)|NODE_(?:OPTIONS|PATH|ENV|EXTRA_CA_CERTS|V8_COVERAGE)|WEIR_ENV|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE|PROGRAM\w+)$/;

/**
 * The environment of the processes that run tasks: the usual variables and those that the settings name. Others may be
 * secrets of Weir or of whoever started it, and a task, or a package it uses, has no business with them.
 */
export function workerEnvironment(environment: Environment, named: readonly string[]): Record<string, string> {
  const isNamed = (name: string): boolean =>
    named.some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : name === each));
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && (USUAL.test(entry[0].toUpperCase()) || isNamed(entry[0])),
    ),
  );
}
