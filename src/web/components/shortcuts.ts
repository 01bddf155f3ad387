import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';

/** After `g`, the letter of a page. */
export const GO_TO = {
  h: '/',
  p: '/predict',
  t: '/past-predictions',
  r: '/runs',
  d: '/data',
  m: '/models',
  i: '/drift',
  a: '/alerts',
  w: '/workers',
} as const;
type Letter = keyof typeof GO_TO;

/** How long `g` waits for its letter. */
const WAIT_MS = 1_500;

/** What a key does after the one before. */
export function toPlace(
  key: string,
  { before, sinceMs }: { readonly before: string; readonly sinceMs: number },
): (typeof GO_TO)[Letter] | undefined {
  if (before !== 'g' || sinceMs > WAIT_MS) return undefined;
  return isLetter(key) ? GO_TO[key] : undefined;
}

const isLetter = (key: string): key is Letter => Object.hasOwn(GO_TO, key);

/** The keys that lead to a page, as the palette shows them; undefined when there are none. */
export function maybeKeys(place: string): string | undefined {
  const found = Object.entries(GO_TO).find(([, to]) => to === place);
  return found === undefined ? undefined : `g ${found[0]}`;
}

/** `g` and a letter go to a page, except while somebody types. */
export function useShortcuts(): void {
  const navigate = useNavigate();
  useEffect(() => {
    let last = { key: '', at: 0 };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const to = toPlace(event.key, { before: last.key, sinceMs: event.timeStamp - last.at });
      last = { key: to === undefined ? event.key : '', at: event.timeStamp };
      if (to !== undefined) void navigate({ to });
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [navigate]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [role=dialog]') !== null;
}
