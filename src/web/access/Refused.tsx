import { Alert, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';

/** Why a form was refused. */
export function Refused({ children }: { readonly children: string | undefined }) {
  if (children === undefined) return null;
  return (
    <Alert color="red" role="alert" icon={<IconAlertTriangle size={18} />}>
      <Text size="sm" className="break">
        {children}
      </Text>
    </Alert>
  );
}
