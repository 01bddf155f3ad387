import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '#api';
import { COMMON_PASSWORDS } from './common-passwords.ts';

/** A password made of fewer different characters is a pattern, such as aaaaaaaaaaaa or 121212121212. */
const DIFFERENT_CHARACTERS_MIN = 4;
/** Sequences that people type along. */
const SEQUENCES = [
  'abcdefghijklmnopqrstuvwxyz',
  '012345678901234567890123456789',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
];

/** Why something may not be a password, as a sentence; undefined when it may. There are no rules of which characters. */
export function passwordProblem(password: string, name: string): string | undefined {
  const typed = password.normalize('NFKC');
  const length = [...typed].length;
  if (length < PASSWORD_LENGTH_MIN || length > PASSWORD_LENGTH_MAX)
    return `Expected a password of ${PASSWORD_LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} characters; got ${length}.`;
  const lower = typed.toLowerCase();
  if (isOfName(lower, name.normalize('NFKC').toLowerCase()))
    return 'The password is the name of the user, or little more. Choose another one.';
  if (isCommon(lower)) return 'This is one of the commonest passwords, which are tried first. Choose another one.';
  return undefined;
}

// Three characters beside the name are guessed at once.
function isOfName(password: string, name: string): boolean {
  const names = [name, name.split('@')[0] ?? ''].filter((each) => each.length > 3);
  return names.some((each) => password.includes(each) && password.length - each.length <= 3);
}

function isCommon(password: string): boolean {
  const reversed = [...password].reverse().join('');
  return (
    new Set(password).size < DIFFERENT_CHARACTERS_MIN ||
    COMMON_PASSWORDS.has(password) ||
    SEQUENCES.some((sequence) => sequence.includes(password) || sequence.includes(reversed))
  );
}
