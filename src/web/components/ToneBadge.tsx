import type { ReactNode } from 'react';
import type { Tone } from '../tones.ts';

interface ToneBadgeProps {
  readonly tone: Tone;
  readonly icon?: ReactNode;
  readonly children: ReactNode;
}

/** A word in a colour that means something; readable in both schemes. */
export function ToneBadge({ tone, icon, children }: ToneBadgeProps) {
  return (
    <span className="tone-badge" style={{ background: `var(--tone-${tone}-soft)`, color: `var(--tone-${tone}-text)` }}>
      {icon}
      {children}
    </span>
  );
}

/** The colour alone, next to a word that says the same. */
export function ToneDot({ tone, isPulsing = false }: { readonly tone: Tone; readonly isPulsing?: boolean }) {
  return (
    <span
      className={isPulsing ? 'tone-dot pulse' : 'tone-dot'}
      style={{ background: `var(--tone-${tone}-solid)` }}
      aria-hidden
    />
  );
}
