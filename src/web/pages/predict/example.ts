import type { ContractColumn } from '#api';

/** A row that meets the contract: from its examples, or within its ranges. */
export function toExample(columns: readonly ContractColumn[]): Record<string, string> {
  return Object.fromEntries(columns.map((column) => [column.name, toExampleText(column)]));
}

function toExampleText(column: ContractColumn): string {
  const [example] = column.examples ?? [];
  if (example !== undefined) return String(example);
  switch (column.kind) {
    case 'number':
    case 'integer':
      return toExampleNumber(column);
    case 'boolean':
      return 'true';
    case 'category':
      return column.categories?.[0] ?? '';
    case 'text':
      return column.nullable ? '' : 'example'.slice(0, column.lengthMax);
    case 'timestamp':
      return '2026-01-31T09:30:00Z';
    case 'date':
      return '2026-01-31';
    default: {
      const never: never = column.kind;
      return never;
    }
  }
}

function toExampleNumber({ kind, min, max, decimals = 2 }: ContractColumn): string {
  const middle = min !== undefined && max !== undefined ? (min + max) / 2 : (min ?? max ?? 1);
  return String(kind === 'integer' ? Math.round(middle) : Number(middle.toFixed(decimals)));
}
