import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { columnWithRole } from '../../columns.ts';
import { contractQuery } from '../../queries.ts';

interface RowFilterProps {
  readonly rowId: string;
  readonly onChange: (rowId: string) => void;
}

/** Finds the predictions for one row by its id, when Enter is pressed. */
export function RowFilter({ rowId, onChange }: RowFilterProps) {
  const [text, setText] = useState(rowId);
  const columns = useQuery(contractQuery).data?.columns ?? [];
  const id = columnWithRole(columns, 'id');
  const clear = () => {
    setText('');
    onChange('');
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onChange(text.trim());
      }}
    >
      <TextInput
        label={id?.label ?? 'Row id'}
        placeholder="All rows, Enter finds one"
        leftSection={<IconSearch size={16} />}
        rightSection={text === '' ? null : <CloseButton size="sm" aria-label="All rows" onClick={clear} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        w={220}
      />
    </form>
  );
}
