import { Button, FileButton, Group, Loader, Text, ThemeIcon } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { type DragEvent, type ReactNode, useState } from 'react';

interface FileDropProps {
  /** For screen readers. */
  readonly label: string;
  readonly title: string;
  /** Endings and media types that the chooser offers; all unless set. */
  readonly accept?: string;
  readonly isBusy: boolean;
  /** Why no file may be sent, for the button. */
  readonly permission?: { readonly disabled?: true; readonly title?: string };
  readonly onFile: (file: File) => void;
  /** What happens to the file. */
  readonly children: ReactNode;
  /** What is below that, and may be more than a line of text. */
  readonly note?: ReactNode;
  /** Buttons beside the one that chooses a file. */
  readonly actions?: ReactNode;
}

/** Accepts a file, dropped or chosen. */
export function FileDrop(props: FileDropProps) {
  const { label, title, accept, isBusy, permission = {}, onFile, children, note, actions } = props;
  const [isOver, setIsOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    const [file] = event.dataTransfer.files;
    if (file !== undefined && permission.disabled !== true) onFile(file);
  };
  return (
    <section
      className="drop-area"
      aria-label={label}
      {...(isOver ? { 'data-over': true } : {})}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      <ThemeIcon variant="light" size={44} radius="xl">
        {isBusy ? <Loader size={20} /> : <IconFileUpload size={22} />}
      </ThemeIcon>
      <Text fw={600}>{title}</Text>
      <Text size="sm" c="dimmed" className="break" maw={560}>
        {children}
      </Text>
      {note}
      <Group gap="sm" justify="center">
        <FileButton {...(accept === undefined ? {} : { accept })} onChange={(file) => file !== null && onFile(file)}>
          {(button) => (
            <Button {...button} disabled={isBusy} {...permission}>
              Choose a file
            </Button>
          )}
        </FileButton>
        {actions}
      </Group>
    </section>
  );
}
