import { IconExternalLink } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ShortId } from '../components/ShortId.tsx';
import { TimeText } from '../components/TimeText.tsx';
import { ToneBadge } from '../components/ToneBadge.tsx';
import { toCellText, toLabelText, toTitle, toUnitText } from '../format.ts';
import { own } from '../own.ts';
import { isIdentity } from '../short-text.ts';
import { maybeNumber, type PanelRow, type PanelView, toneOf } from './panel-view.ts';

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;
// Only paths of this app and http URLs become links; `javascript:` never does.
const LINK = /^(\/(?!\/)|https?:\/\/)/;

/** Up to this length a text stays on one line; a narrow panel scrolls instead of breaking words. */
const WORD_LENGTH_MAX = 28;

export function isTime(cell: unknown): boolean {
  return typeof cell === 'string' && TIME.test(cell) && !Number.isNaN(Date.parse(cell));
}

type CellPlace = Pick<PanelView, 'panel' | 'label'>;

/** One cell of a table panel: times, links and words with a colour are recognised. */
export function toCell(column: string, cell: PanelRow[string] | undefined, { panel, label }: CellPlace): ReactNode {
  if (typeof cell === 'string') {
    if (isTime(cell)) return <TimeText time={cell} />;
    if (isIdentity(cell)) return <ShortId value={cell} />;
    if (LINK.test(cell)) return <CellLink href={cell} />;
    const tone = own(panel.colors ?? {}, cell);
    return tone === undefined ? (
      <span className={cell.length > WORD_LENGTH_MAX ? 'break' : 'nowrap'}>{toCellText(cell)}</span>
    ) : (
      <ToneBadge tone={tone}>{toTitle(cell)}</ToneBadge>
    );
  }
  if (column === 'value' && typeof cell === 'number') {
    const tone = panel.thresholds.length === 0 ? undefined : toneOf(maybeNumber(cell), panel.thresholds);
    return tone === undefined ? (
      toUnitText(cell, panel.unit, label)
    ) : (
      <ToneBadge tone={tone}>{toUnitText(cell, panel.unit, label)}</ToneBadge>
    );
  }
  if (column === 'prediction' && typeof cell === 'number')
    return <span className="tabular">{toLabelText(cell, label)}</span>;
  return <span className="tabular">{toCellText(cell)}</span>;
}

function CellLink({ href }: { readonly href: string }) {
  return (
    <a href={href} className="text-link" target="_blank" rel="noreferrer">
      Open <IconExternalLink size={14} />
    </a>
  );
}
