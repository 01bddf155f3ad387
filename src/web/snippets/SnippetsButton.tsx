import { Button, Modal } from '@mantine/core';
import { IconCode } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { LoadingRows } from '../components/Notice.tsx';
import type { SnippetsProps } from './Snippets.tsx';

const Snippets = lazy(() => import('./Snippets.tsx').then(({ Snippets: component }) => ({ default: component })));

interface SnippetsButtonProps extends Omit<SnippetsProps, 'body'> {
  readonly label?: string;
  /** The row or rows, when the dialog is opened. */
  readonly toBody: () => unknown;
}

/** Opens what a program sends for the same prediction. */
export function SnippetsButton({ label = 'Code', toBody, ...props }: SnippetsButtonProps) {
  const [body, setBody] = useState<unknown>();
  return (
    <>
      <Button
        variant="subtle"
        size="compact-sm"
        aria-label={label}
        leftSection={<IconCode size={16} />}
        onClick={() => setBody(toBody())}
      >
        Code
      </Button>
      <Modal opened={body !== undefined} onClose={() => setBody(undefined)} title="From a program" size="lg">
        <Suspense fallback={<LoadingRows rows={3} />}>
          <Snippets body={body} {...props} />
        </Suspense>
      </Modal>
    </>
  );
}
