import { Button, Group } from '@mantine/core';
import type { ModelVersion } from '#api';
import { usePermission } from '../../session.ts';
import { type AliasChange, toChange } from './alias-change.ts';
import { VersionSnippets } from './VersionSnippets.tsx';

interface ChangeButtonsProps {
  readonly to: ModelVersion;
  readonly versions: readonly ModelVersion[];
  readonly onChange: (change: AliasChange) => void;
}

/** Offers to make a version champion or challenger, and shows how programs use it. */
export function ChangeButtons({ to, versions, onChange }: ChangeButtonsProps) {
  const permission = usePermission('promoteVersion');
  const name = `${to.model}@${to.version}`;
  return (
    <Group gap="xs" wrap="nowrap" justify="flex-end">
      <VersionSnippets of={to} />
      {to.aliases.includes('champion') ? null : (
        <Button
          size="compact-sm"
          variant="default"
          aria-label={`Promote ${name}`}
          onClick={() => onChange(toChange('promote', { to, versions }))}
          {...permission}
        >
          Promote
        </Button>
      )}
      {to.aliases.length > 0 ? null : (
        <Button
          size="compact-sm"
          variant="subtle"
          aria-label={`Challenge with ${name}`}
          onClick={() => onChange(toChange('challenge', { to, versions }))}
          {...permission}
        >
          Challenge
        </Button>
      )}
    </Group>
  );
}
