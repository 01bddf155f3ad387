import {
  IconAlertTriangle,
  IconBan,
  IconCheck,
  IconCircleDashed,
  IconClock,
  IconFileAlert,
  IconLoader2,
  IconPlayerSkipForward,
  IconX,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Alert, Criticality, TaskRunState, Verdict } from '#api';
import type { Tone } from '../tones.ts';
import { ToneBadge } from './ToneBadge.tsx';

interface Look {
  readonly tone: Tone;
  readonly word: string;
  readonly icon: ReactNode;
}
const SIZE = 13;

/** Colour, word and icon of a state; run states are a part of task run states. */
export function stateLook(state: TaskRunState): Look {
  switch (state) {
    case 'queued':
      return { tone: 'grey', word: 'Queued', icon: <IconClock size={SIZE} /> };
    case 'running':
      return { tone: 'blue', word: 'Running', icon: <IconLoader2 size={SIZE} className="spin" /> };
    case 'succeeded':
      return { tone: 'green', word: 'Succeeded', icon: <IconCheck size={SIZE} /> };
    case 'cached':
      return { tone: 'teal', word: 'Cached', icon: <IconCheck size={SIZE} /> };
    case 'failed':
      return { tone: 'red', word: 'Failed', icon: <IconX size={SIZE} /> };
    case 'cancelled':
      return { tone: 'orange', word: 'Cancelled', icon: <IconBan size={SIZE} /> };
    case 'skipped':
      return { tone: 'grey', word: 'Skipped', icon: <IconPlayerSkipForward size={SIZE} /> };
    default: {
      const never: never = state;
      return never;
    }
  }
}

export function StateBadge({ state }: { readonly state: TaskRunState }) {
  const { tone, word, icon } = stateLook(state);
  return (
    <ToneBadge tone={tone} icon={icon}>
      {word}
    </ToneBadge>
  );
}

function verdictLook(verdict: Verdict): Look {
  switch (verdict) {
    case 'pass':
      return { tone: 'green', word: 'Pass', icon: <IconCheck size={SIZE} /> };
    case 'warn':
      return { tone: 'orange', word: 'Warn', icon: <IconAlertTriangle size={SIZE} /> };
    case 'fail':
      return { tone: 'red', word: 'Fail', icon: <IconX size={SIZE} /> };
    case 'quarantined':
      return { tone: 'red', word: 'Quarantined', icon: <IconFileAlert size={SIZE} /> };
    default: {
      const never: never = verdict;
      return never;
    }
  }
}

export function VerdictBadge({ verdict }: { readonly verdict: Verdict }) {
  const { tone, word, icon } = verdictLook(verdict);
  return (
    <ToneBadge tone={tone} icon={icon}>
      {word}
    </ToneBadge>
  );
}

const CRITICALITY_TONES: Readonly<Record<Criticality, Tone>> = { low: 'blue', medium: 'orange', high: 'red' };

type NoticeLook = Pick<Alert, 'criticality' | 'state'>;

/** Teal says that a problem is over, whatever its criticality was. */
export function alertTone({ criticality, state }: NoticeLook): Tone {
  return state === 'resolved' ? 'teal' : CRITICALITY_TONES[criticality];
}

/** The criticality of an alert, or that its problem is over. */
export function AlertBadge({ alert }: { readonly alert: NoticeLook }) {
  if (alert.state !== 'resolved') return <CriticalityBadge criticality={alert.criticality} />;
  return (
    <ToneBadge tone={alertTone(alert)} icon={<IconCheck size={SIZE} />}>
      Resolved
    </ToneBadge>
  );
}

/** The criticality of a file or a rule; a dash when nothing is wrong. */
export function CriticalityBadge({ criticality }: { readonly criticality: Criticality | null }) {
  if (criticality === null) return <span title="Nothing is wrong">–</span>;
  const icon = criticality === 'high' ? <IconAlertTriangle size={SIZE} /> : <IconCircleDashed size={SIZE} />;
  return (
    <ToneBadge tone={CRITICALITY_TONES[criticality]} icon={icon}>
      {criticality.charAt(0).toUpperCase() + criticality.slice(1)}
    </ToneBadge>
  );
}
