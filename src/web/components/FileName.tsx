import { Text } from '@mantine/core';

/** A file's name, however long: cut after two lines, whole in its hint. */
export function FileName({ name }: { readonly name: string }) {
  return (
    <Text component="span" inherit lineClamp={2} className="break" title={name} miw={{ base: 100, sm: 150 }}>
      {name}
    </Text>
  );
}
