import type { ModelVersion } from '#api';
import type { Tone } from '../../tones.ts';
import { type Bounds, toPlace } from './metrics.ts';

interface IntervalBarProps {
  readonly metric: ModelVersion['metrics'][string] | undefined;
  readonly bounds: Bounds;
  readonly tone: Tone;
}

/** A value with its 95 % interval as a line, between bounds that several of them share. */
export function IntervalBar({ metric, bounds, tone }: IntervalBarProps) {
  const background = `var(--tone-${tone}-solid)`;
  const low = toPlace(metric?.low ?? metric?.value ?? 0, bounds);
  const high = toPlace(metric?.high ?? metric?.value ?? 0, bounds);
  return (
    <div className="interval" aria-hidden>
      {metric === undefined ? null : (
        <>
          <span className="range" style={{ left: `${low}%`, width: `${high - low}%`, background }} />
          <span className="point" style={{ left: `${toPlace(metric.value, bounds)}%`, background }} />
        </>
      )}
    </div>
  );
}
