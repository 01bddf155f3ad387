import { Alert, Button, Code, CopyButton, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy, IconKey } from '@tabler/icons-react';

interface SecretOnceProps {
  readonly title: string;
  readonly secret: string;
  /** What to do with it. */
  readonly children: string;
  readonly onDone: () => void;
}

/** A key or a link that is shown once: nobody can read it later. */
export function SecretOnce({ title, secret, children, onDone }: SecretOnceProps) {
  return (
    <Alert icon={<IconKey size={18} />} title={title} mx="md" mb="md" role="status">
      <Stack gap="sm">
        <Text size="sm">{children}</Text>
        <Code block className="break" style={{ whiteSpace: 'pre-wrap' }}>
          {secret}
        </Code>
        <Button.Group>
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button size="xs" leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />} onClick={copy}>
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
          <Button size="xs" variant="default" onClick={onDone}>
            I have kept it
          </Button>
        </Button.Group>
      </Stack>
    </Alert>
  );
}
