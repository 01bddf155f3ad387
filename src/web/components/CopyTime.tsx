import { CopyButton, UnstyledButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { toTimeText, toZoneText } from '../format.ts';
import { TimeText } from './TimeText.tsx';

/** A moment in the zone that is shown; a click copies it in UTC as ISO 8601. */
export function CopyTime({ time, fallback }: { readonly time: string | null; readonly fallback?: string }) {
  if (time === null) return <TimeText time={null} {...(fallback === undefined ? {} : { fallback })} />;
  return (
    <CopyButton value={new Date(time).toISOString()} timeout={1_500}>
      {({ copied, copy }) => (
        <UnstyledButton
          className="copy-time"
          aria-label={`${copied ? 'Copied' : 'Copy'} ${toTimeText(time)} ${toZoneText(time)} as ISO`}
          onClick={copy}
        >
          <TimeText time={time} isAbsolute />
          {copied ? <IconCheck size={13} /> : <IconCopy size={13} className="short-id-icon" />}
        </UnstyledButton>
      )}
    </CopyButton>
  );
}
