import { userInfo } from 'node:os';

/** The user of the operating system who runs this. */
export function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry, as in some containers.
    return `user ${process.getuid?.() ?? ''}`.trim();
  }
}
