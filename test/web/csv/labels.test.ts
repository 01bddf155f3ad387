import { describe, expect, it } from 'vitest';
import { mostFrequentDelimiter } from '../../../src/contracts/scan/delimiters.ts';
import { convertLabels } from '../../../src/web/csv/labels.ts';
import { readTable } from '../../../src/web/csv/read-table.ts';
import { COLUMNS } from '../columns.ts';

const convert = async (text: string) => {
  const words = { whenTooLarge: 'Send it in parts.', whenEmpty: '' };
  const file = new File([text], 'labels.csv');
  return convertLabels(await readTable(file, { ...words, delimiterOf: mostFrequentDelimiter }), COLUMNS);
};

describe('a file of labels in the browser', () => {
  it('is read by id and label, whatever its delimiter and the order and case of its columns', async () => {
    const { idName, valueName, lines } = await convert('Survived;ID;observed at\nyes;7;2026-01-01T00:00:00Z\nno;8;\n');
    expect([idName, valueName]).toEqual(['ID', 'Survived']);
    expect(lines.map(({ label }) => label)).toEqual([
      { rowId: '7', value: 'yes', observedAt: '2026-01-01T00:00:00Z' },
      { rowId: '8', value: 'no' },
    ]);
  });

  it('is read by prediction, as past predictions are downloaded', async () => {
    const { lines } = await convert('prediction_id,id,prediction,actual\n17,7,no,yes\n0,8,no,no\n');
    expect(lines[0]?.label).toEqual({ predictionId: '17', value: 'yes' });
    expect(lines[1]).toMatchObject({ problems: [{ field: 'prediction_id', got: '"0"' }] });
  });

  it('says what is wrong with a line, which is left out', async () => {
    const { lines } = await convert('id,value\nx,yes\n2,lost\n3,\n4,no\n');
    expect(lines.map(({ number, problems }) => [number, problems.map(({ field }) => field)])).toEqual([
      [2, ['id']],
      [3, ['value']],
      [4, ['value']],
      [5, []],
    ]);
    expect(lines.flatMap(({ label }) => label ?? [])).toEqual([{ rowId: '4', value: 'no' }]);
  });

  it('is refused when it lacks a column', async () => {
    await expect(convert('id,age\n1,2\n')).rejects.toThrow(
      'Expected the columns id (or row_id, or prediction_id) and survived (or value); got id, age.',
    );
  });
});
