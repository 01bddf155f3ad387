import { Checkbox, Group } from '@mantine/core';

/** What is asked for beside the prediction. */
export interface Options {
  readonly isExplained: boolean;
  readonly isStored: boolean;
}
export const USUAL: Options = { isExplained: false, isStored: true };

/** The same as the query of the API. */
export function toQuery({ isExplained, isStored }: Options) {
  return {
    ...(isStored ? {} : { store: 'false' as const }),
    ...(isExplained ? { explain: 'true' as const } : {}),
  };
}

/** What says that it is the same request again: needless, and refused, where nothing is stored. */
export function toHeaders({ isStored }: Options, key: string) {
  return { 'x-weir-source': 'webapp' as const, ...(isStored ? { 'idempotency-key': key } : {}) };
}

interface PredictOptionsProps {
  readonly options: Options;
  readonly onChange: (options: Options) => void;
  /** Whether an explanation can be shown. */
  readonly explains?: boolean;
}

/** Whether the prediction is explained, and whether it is stored. */
export function PredictOptions({ options, onChange, explains = true }: PredictOptionsProps) {
  return (
    <Group gap="lg" role="group" aria-label="Options">
      {explains ? (
        <Checkbox
          size="sm"
          label="Explain"
          checked={options.isExplained}
          onChange={(event) => onChange({ ...options, isExplained: event.currentTarget.checked })}
        />
      ) : null}
      <Checkbox
        size="sm"
        label="Do not store"
        checked={!options.isStored}
        onChange={(event) => onChange({ ...options, isStored: !event.currentTarget.checked })}
      />
    </Group>
  );
}
