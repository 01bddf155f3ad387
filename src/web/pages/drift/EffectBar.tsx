import { Tooltip } from '@mantine/core';
import { type DriftScore, driftsFrom, toEffectText } from './words.ts';

interface EffectBarProps {
  readonly score: DriftScore;
  /** The largest effect or threshold among those that are compared. */
  readonly scaleMax: number;
}

/** How large a difference is, beside the size from which it is drift. */
export function EffectBar({ score, scaleMax }: EffectBarProps) {
  const { effect, kind, verdict } = score;
  const place = (value: number): string => `${Math.min(100, (100 * value) / (scaleMax || 1))}%`;
  const text = `${toEffectText(effect, kind)}; drift begins at ${toEffectText(driftsFrom(score), kind)}`;
  return (
    <Tooltip label={text}>
      <div className="effect-bar" role="img" aria-label={text}>
        <span
          className="effect"
          style={{
            width: place(effect),
            background: `var(--tone-${verdict === 'drifted' ? 'orange' : 'green'}-solid)`,
          }}
        />
        <span className="limit" style={{ left: place(driftsFrom(score)) }} />
      </div>
    </Tooltip>
  );
}
