import { Button, Tooltip } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { toOffsetText } from '../format.ts';
import { useTimeZone, zoneOffsetMinutes } from '../zone.ts';

const ZoneChooser = lazy(() => import('./ZoneChooser.tsx').then((module) => ({ default: module.ZoneChooser })));

/** Says in which zone times are, and opens the choice of another. */
export function ZoneButton() {
  const zone = useTimeZone();
  const [isOpen, setOpen] = useState(false);
  const [isLoaded, setLoaded] = useState(false);
  return (
    <>
      <Tooltip label={`Times are in ${zone}. Choose another zone.`}>
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          px={6}
          aria-label={`Times are in ${zone}: choose another zone`}
          onClick={() => {
            setLoaded(true);
            setOpen(true);
          }}
        >
          {toOffsetText(zoneOffsetMinutes(Date.now()))}
        </Button>
      </Tooltip>
      {isLoaded ? (
        <Suspense>
          <ZoneChooser isOpen={isOpen} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
