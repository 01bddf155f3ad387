import { Button, Drawer, Group } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Failed, LoadingRows } from '../../components/Notice.tsx';
import { alertRuleKindsQuery } from '../../queries.ts';
import { usePermission } from '../../session.ts';
import { NewRuleForm } from './NewRuleForm.tsx';

interface NewRuleProps {
  /** Names of the rules that are there. */
  readonly taken: readonly string[];
  readonly onAdded: (name: string) => void;
}

/** A button that opens the form of a new rule. */
export function NewRule({ taken, onAdded }: NewRuleProps) {
  const [isOpen, setOpen] = useState(false);
  const permission = usePermission('changeAlertRule');
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} />}
        onClick={() => setOpen(true)}
        {...permission}
      >
        New rule
      </Button>
      <Drawer.Root opened={isOpen} onClose={() => setOpen(false)} position="right" size={620}>
        <Drawer.Overlay />
        <Drawer.Content>
          <Drawer.Body pt="sm">
            {/* Not Drawer.Header: it renders a second banner landmark. */}
            <Group justify="space-between" mb="sm">
              <Drawer.Title>New alert rule</Drawer.Title>
              <Drawer.CloseButton aria-label="Close" />
            </Group>
            <Kinds
              taken={taken}
              onClose={() => setOpen(false)}
              onAdded={(name) => {
                setOpen(false);
                onAdded(name);
              }}
            />
          </Drawer.Body>
        </Drawer.Content>
      </Drawer.Root>
    </>
  );
}

function Kinds(props: NewRuleProps & { readonly onClose: () => void }) {
  const { data, error, refetch } = useQuery(alertRuleKindsQuery);
  if (data !== undefined) return <NewRuleForm kinds={data.items} {...props} />;
  return error === null ? (
    <LoadingRows rows={5} />
  ) : (
    <Failed what="The kinds of rules" error={error} onRetry={() => void refetch()} />
  );
}
