import { IconApi, IconClock, IconDeviceDesktop } from '@tabler/icons-react';
import type { StoredPrediction } from '#api';
import { ToneBadge } from './ToneBadge.tsx';

/** The client that requested a prediction. */
export function SourceBadge({ source }: { readonly source: StoredPrediction['source'] }) {
  switch (source) {
    case 'webapp':
      return (
        <ToneBadge tone="blue" icon={<IconDeviceDesktop size={13} />}>
          Webapp
        </ToneBadge>
      );
    case 'scheduled':
      return (
        <ToneBadge tone="teal" icon={<IconClock size={13} />}>
          Scheduled
        </ToneBadge>
      );
    case 'api':
      return (
        <ToneBadge tone="grey" icon={<IconApi size={13} />}>
          API
        </ToneBadge>
      );
    default: {
      const never: never = source;
      return never;
    }
  }
}
