import type { CellTest, RowTest, RuleCondition } from './rule.ts';

/** Columns of which a test reads the text, and those of which it reads the value. */
export interface CellsRead {
  readonly texts: readonly string[];
  readonly values: readonly string[];
}

/** The cells that a test of cells or rows reads. */
export function cellsRead(test: RuleCondition): CellsRead {
  return test.over === 'cell' ? readByCell(test) : readByRow(test);
}

/** Those that have to be there for a condition to hold; a test of what is empty needs none. */
export function cellsThere(condition: RuleCondition): CellsRead {
  const { test } = condition;
  if (test === 'present' || test === 'absent' || test === 'filled') return { texts: [], values: [] };
  const { texts, values } = cellsRead(condition);
  if (test !== 'set') return { texts, values };
  return condition.isNegated === true ? { texts, values: [] } : { texts: [], values };
}

function readByCell({ column, test }: CellTest & { readonly column: string }): CellsRead {
  switch (test) {
    case 'present':
    case 'absent':
    case 'kind':
    case 'length':
    case 'pattern':
    case 'affix':
    case 'form':
    case 'json':
    case 'nested':
    case 'json-schema':
      return { texts: [column], values: [] };
    case 'range':
    case 'moments':
    case 'between':
    case 'multiple':
    case 'digits':
      return { texts: [], values: [column] };
    case 'set':
      // Among the values that a cell must not hold may be some that none of the kind can.
      return { texts: [column], values: [column] };
    default:
      return test satisfies never;
  }
}

function readByRow(rule: RowTest): CellsRead {
  switch (rule.test) {
    case 'less':
    case 'equal':
      return { texts: [], values: [rule.column, rule.other] };
    case 'filled':
      return { texts: rule.columns, values: [] };
    case 'known':
    case 'function':
      return { texts: [], values: rule.columns };
    case 'sum':
      return { texts: [], values: [rule.total, ...rule.parts] };
    default:
      return rule satisfies never;
  }
}
