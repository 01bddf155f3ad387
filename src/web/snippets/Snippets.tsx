import { Button, Code, CopyButton, Group, SegmentedControl, Stack } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../client.ts';
import { type Language, SNIPPETS, type SnippetQuery } from './to-snippets.ts';
import { STREAM_SNIPPETS } from './to-stream-snippets.ts';

export interface SnippetsProps {
  readonly body: unknown;
  readonly query?: SnippetQuery;
}

const FORMS = ['One request', 'Stream of rows'] as const;
// The names that the table has.
const LANGUAGES = Object.keys(SNIPPETS) as Language[];

/** How a program asks for a prediction, in several languages, to copy. */
export function Snippets({ body, query }: SnippetsProps) {
  const [language, setLanguage] = useState<Language>('curl');
  const [form, setForm] = useState<string>(FORMS[0]);
  const { data } = useQuery({ queryKey: ['session'], queryFn: ({ signal }) => call('session', { signal }) });
  const needsKey = data?.login.isRequired === true;
  const text = (form === FORMS[0] ? SNIPPETS : STREAM_SNIPPETS)[language]({
    origin: window.location.origin,
    body,
    query,
    needsKey,
  });
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <SegmentedControl
          size="xs"
          aria-label="Language"
          data={LANGUAGES}
          value={language}
          // Its values are those of `data`.
          onChange={(chosen) => setLanguage(chosen as Language)}
        />
        <SegmentedControl size="xs" aria-label="Form" data={[...FORMS]} value={form} onChange={setForm} />
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Code block tabIndex={0}>
        {text}
      </Code>
    </Stack>
  );
}
