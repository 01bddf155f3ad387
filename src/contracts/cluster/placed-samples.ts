import { LineMarkReader } from '../scan/line-marks.ts';
import type { Sample } from '../sweep/samples.ts';
import type { OpenedSet } from './open-set.ts';
import type { SetSample } from './set-samples.ts';

/** The rows as examples show them: by their lines in their files, or by their numbers where formats have no lines. */
export async function placedSamples(
  samples: ReadonlyMap<number, readonly SetSample[]>,
  { lineMarks }: Pick<OpenedSet, 'lineMarks'>,
): Promise<ReadonlyMap<number, readonly Sample[]>> {
  const wanted = new Map<number, Set<number>>();
  for (const { file, row } of [...samples.values()].flat()) wanted.set(file, (wanted.get(file) ?? new Set()).add(row));
  const lines = new Map<string, number>();
  for (const [file, rows] of wanted) {
    const marks = lineMarks[file];
    const reader = marks === undefined ? undefined : await LineMarkReader.open(marks);
    for (const row of [...rows].sort((a, b) => a - b))
      lines.set(`${file} ${row}`, reader === undefined ? row + 1 : await reader.lineOf(row));
    await reader?.close();
  }
  const placed = ({ file, row, cells }: SetSample): Sample => ({
    row,
    line: lines.get(`${file} ${row}`) ?? row,
    cells,
  });
  return new Map([...samples].map(([bit, rows]) => [bit, rows.map(placed)]));
}
