import { TimeText } from '../components/TimeText.tsx';
import { NOTHING, toUnitText } from '../format.ts';
import { isTime } from './cells.tsx';
import { maybeNumber, type PanelView, toneOf } from './panel-view.ts';

/** The last value, large, in the colour of its threshold; grey when there is none. */
export function StatPanel({ view: { panel, rows, label } }: { readonly view: PanelView }) {
  const cell = rows.at(-1)?.value;
  const value = maybeNumber(cell);
  const tone = toneOf(value, panel.thresholds);
  const color = tone === undefined ? 'var(--mantine-color-text)' : `var(--tone-${tone}-strong)`;
  const isText = value === undefined && typeof cell === 'string' && cell !== '';
  return (
    <div className="panel-stat tabular" style={{ color: isText ? 'var(--mantine-color-text)' : color }}>
      {isText ? (
        typeof cell === 'string' && isTime(cell) ? (
          <TimeText time={cell} />
        ) : (
          cell
        )
      ) : value === undefined ? (
        <NoValue />
      ) : (
        toUnitText(value, panel.unit, label)
      )}
    </div>
  );
}

function NoValue() {
  return (
    <span>
      {NOTHING} <span style={{ fontSize: 14, fontWeight: 500, letterSpacing: 0 }}>no data</span>
    </span>
  );
}
