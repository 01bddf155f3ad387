import { CopyButton, Tooltip, UnstyledButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { toCellText } from '../format.ts';
import { isIdentity, toShortIdentity, withShortDigests } from '../short-text.ts';

/** How long the confirmation is shown. */
const CONFIRMED_MS = 1_500;
/** Shorter ones are shown whole. */
const SHORT_LENGTH_MAX = 16;

/** A digest, a key or an id: its first digits, all of it in its hint, copied by a click. */
export function ShortId({ value }: { readonly value: string }) {
  const text = value.length > SHORT_LENGTH_MAX ? toShortIdentity(value) : value;
  return (
    <CopyButton value={value} timeout={CONFIRMED_MS}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : `${value} – click to copy`} multiline maw={340} className="break">
          <UnstyledButton
            className="short-id mono"
            aria-label={copied ? 'Copied' : `Copy ${text}`}
            onClick={(event) => {
              // Rows and lines that hold it open on a click.
              event.stopPropagation();
              copy();
            }}
          >
            <span aria-live="polite">{copied ? 'Copied' : text}</span>
            {copied ? <IconCheck size={13} /> : <IconCopy size={13} className="short-id-icon" />}
          </UnstyledButton>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** Any value as text, its digests short. */
export function ValueText({ value }: { readonly value: unknown }) {
  if (typeof value === 'string' && isIdentity(value)) return <ShortId value={value} />;
  return withShortDigests(toCellText(value));
}
