import { ActionIcon, Tooltip } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';

const Palette = lazy(() => import('./palette/Palette.tsx').then((module) => ({ default: module.Palette })));

/** Opens the palette, also by Ctrl-K or Cmd-K; `/` moves the focus to the search of the page, or opens it too. */
export function PaletteButton() {
  const [isOpen, setOpen] = useState(false);
  const [isLoaded, setLoaded] = useState(false);
  const open = () => {
    setLoaded(true);
    setOpen(true);
  };
  const search = () => {
    const field = document.querySelector<HTMLElement>('[data-table-search]');
    if (field === null) open();
    else field.focus();
  };
  // Ctrl-K works in a field too; a slash that is typed there stays a slash.
  useHotkeys([['mod+K', open]], []);
  useHotkeys([['/', search]]);
  return (
    <>
      <Tooltip label="Go to a page, a run, a file (Ctrl-K)">
        <ActionIcon size="lg" aria-label="Go to" aria-keyshortcuts="Control+K Meta+K" onClick={open}>
          <IconSearch size={18} />
        </ActionIcon>
      </Tooltip>
      {isLoaded ? (
        <Suspense>
          <Palette isOpen={isOpen} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
