import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { toOffsetText, toTimeText } from '../format.ts';
import { localZone, maybeZone, showTimesIn, timeZone, zoneOffsetMinutes } from '../zone.ts';

/** Of some four hundred; a search finds the others. */
const SHOWN_MAX = 100;

/** Chooses the zone in which all times are shown, from all that the browser knows. */
export function ZoneChooser({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const zones = useMemo(listZones, []);
  const [typed, setTyped] = useState('');
  // Older and other names of a zone are in no list.
  const other = zones.some(({ value }) => value === typed) ? undefined : maybeZone(typed.trim());
  const own = localZone();
  const choose = (zone: string | undefined) => {
    showTimesIn(zone);
    onClose();
  };
  return (
    <Modal.Root opened={isOpen} onClose={onClose} size="sm">
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body pt="md">
          {/* Not Modal.Header: it renders a second banner landmark. */}
          <Group justify="space-between" wrap="nowrap" mb="sm">
            <Modal.Title fw={650}>Time zone</Modal.Title>
            <Modal.CloseButton aria-label="Close" />
          </Group>
          <Stack gap="md">
            <Text size="sm">
              Times are shown in {timeZone()}: now it is {toTimeText(Date.now())} there. This browser keeps the choice.
            </Text>
            <Select
              label="Show times in"
              placeholder="Search: a city, a region, UTC+2"
              data={other === undefined ? zones : [...zones, toOption(other)]}
              onSearchChange={setTyped}
              value={timeZone()}
              onChange={(zone) => zone !== null && choose(zone)}
              limit={SHOWN_MAX}
              maxDropdownHeight={260}
              nothingFoundMessage="No zone is called so"
              searchable
              selectFirstOptionOnChange
              openOnFocus={false}
              data-autofocus
            />
            <Group gap="xs">
              <Button variant="default" size="xs" onClick={() => choose(undefined)}>
                My own: {own}
              </Button>
              {own === 'UTC' ? null : (
                <Button variant="default" size="xs" onClick={() => choose('UTC')}>
                  UTC
                </Button>
              )}
            </Group>
          </Stack>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

/** Some browsers list the older names of these alone. */
const NEWER_NAMES = ['Asia/Ho_Chi_Minh', 'Asia/Kathmandu', 'Asia/Kolkata', 'Asia/Yangon', 'Europe/Kyiv'];

interface Option {
  readonly value: string;
  readonly label: string;
}

function listZones(): Option[] {
  const newer = NEWER_NAMES.flatMap((name) => maybeZone(name) ?? []);
  // Browsers list neither UTC nor every zone that they know.
  const names = new Set(['UTC', localZone(), timeZone(), ...Intl.supportedValuesOf('timeZone'), ...newer]);
  return [...names].map(toOption);
}

function toOption(zone: string): Option {
  const offset = toOffsetText(zoneOffsetMinutes(Date.now(), zone));
  return { value: zone, label: zone === offset ? zone : `${zone.replaceAll('_', ' ')} (${offset})` };
}
