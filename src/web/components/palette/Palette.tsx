import { Modal, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { type PaletteEntry, toMarked } from './entries.ts';
import { useEntries } from './use-entries.ts';

/** Not at each key: runs and files are searched by the server. */
const WAIT_MS = 200;
const LIST = 'palette-list';

interface PaletteProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Finds pages, actions, runs, files and model versions by what is typed, and goes there on Enter. */
export function Palette({ isOpen, onClose }: PaletteProps) {
  return (
    <Modal.Root opened={isOpen} onClose={onClose} size="lg" yOffset="10vh" transitionProps={{ duration: 0 }}>
      <Modal.Overlay />
      <Modal.Content aria-label="Go to">
        <Modal.Body p="sm">
          <Search onClose={onClose} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Search({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('');
  const [searched] = useDebouncedValue(text.trim(), WAIT_MS);
  const entries = useEntries(text, searched);
  const [at, setAt] = useState(0);
  const marked = Math.min(at, Math.max(entries.length - 1, 0));
  const field = useRef<HTMLInputElement>(null);
  // At once: the dialog moves the focus a moment later, and what is typed until then would be lost.
  useLayoutEffect(() => field.current?.focus(), []);
  const choose = (place: number) => {
    const entry = entries[place];
    if (entry === undefined) return;
    onClose();
    entry.choose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') choose(marked);
    const next = toMarked(event.key, { at: marked, count: entries.length });
    if (next === marked) return;
    event.preventDefault();
    setAt(next);
  };
  return (
    <>
      <TextInput
        ref={field}
        data-autofocus
        size="md"
        role="combobox"
        aria-label="Go to"
        aria-expanded
        aria-controls={LIST}
        aria-activedescendant={entries.length === 0 ? undefined : `palette-${marked}`}
        autoComplete="off"
        placeholder="A page, a pipeline, a run, a file, a model version"
        leftSection={<IconSearch size={18} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <Found entries={entries} marked={marked} onChoose={choose} />
      <Text size="xs" c="dimmed" role="status" px={8}>
        {entries.length === 0 ? `Nothing is called “${text}”.` : 'Arrow keys choose, Enter opens, Escape closes'}
      </Text>
    </>
  );
}

interface FoundProps {
  readonly entries: readonly PaletteEntry[];
  readonly marked: number;
  readonly onChoose: (place: number) => void;
}

function Found({ entries, marked, onChoose }: FoundProps) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => list.current?.children[marked]?.scrollIntoView({ block: 'nearest' }), [marked]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the field moves among its options.
    <ul className="palette-list" id={LIST} role="listbox" aria-label="Found" ref={list}>
      {entries.map(({ id, kind, title, keys }, place) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys are those of the field, which keeps the focus.
        // biome-ignore lint/a11y/useFocusableInteractive: as above.
        <li
          key={id}
          id={`palette-${place}`}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: an option of the list above.
          role="option"
          aria-selected={place === marked}
          className="palette-option"
          onClick={() => onChoose(place)}
        >
          <span className="break">{title}</span>
          <Text span size="xs" c="dimmed" className="nowrap">
            {keys === undefined ? kind : `${kind}, keys ${keys}`}
          </Text>
        </li>
      ))}
    </ul>
  );
}
