import type { AlertChannel, AlertChannelTest } from '#api';
import { toCountText, toTitle } from '../../format.ts';
import type { Tone } from '../../tones.ts';

/** Colour and word of a channel, by its circuit breaker. */
export function channelLook({ state, failures }: Pick<AlertChannel, 'state' | 'failures'>): {
  readonly tone: Tone;
  readonly word: string;
} {
  switch (state) {
    case 'open':
      return { tone: 'red', word: 'Fails' };
    case 'half-open':
      return { tone: 'orange', word: 'Being probed' };
    case 'closed':
      return failures === 0
        ? { tone: 'green', word: 'Works' }
        : { tone: 'orange', word: `Failed ${toCountText(failures, 'time')} in a row` };
    default:
      return state satisfies never;
  }
}

/** Which alerts a channel gets. */
export function toRouteText({ criticality, kinds }: Pick<AlertChannel, 'criticality' | 'kinds'>): string {
  const severe = criticality === 'low' ? 'All' : criticality === 'medium' ? 'Medium and high' : 'High';
  return kinds.length === 0 ? severe : `${severe}, of ${kinds.map(toTitle).join(', ')}`;
}

/** What came of a test message, in one sentence. */
export function toTestSentence({ channel, outcome, reason }: AlertChannelTest): string {
  switch (outcome) {
    case 'accepted':
      return `${channel} accepted the test message. Look whether it arrived.`;
    case 'refused':
      return `${channel} refused the test message: ${reason ?? 'it did not say why'}. Check its settings.`;
    case 'unavailable':
      return `${channel} could not be reached: ${reason ?? 'no answer came'}.`;
    default:
      return outcome satisfies never;
  }
}
