import { userInfo } from 'node:os';

/** Who asks, for what stays on record: the name given, or else the user of this system. */
export function actorOf(by: string | undefined): string {
  if (by !== undefined) return by;
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry, as in some containers.
    return `user ${process.getuid?.() ?? ''}`.trim();
  }
}
