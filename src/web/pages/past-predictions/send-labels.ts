import { LABELS_MAX, type StoredLabels } from '#api';
import { call } from '../../client.ts';
import type { LabelTable } from '../../csv/labels.ts';

/** Sends the good labels of a file, one request after the other; sending them again stores nothing twice. */
export async function sendLabels({ lines }: LabelTable): Promise<StoredLabels> {
  const labels = lines.flatMap(({ label }) => label ?? []);
  let total = { added: 0, corrected: 0, unchanged: 0 };
  for (let start = 0; start < labels.length; start += LABELS_MAX) {
    const stored = await call('sendLabels', {
      headers: { 'x-weir-source': 'webapp' },
      body: labels.slice(start, start + LABELS_MAX),
    });
    total = {
      added: total.added + stored.added,
      corrected: total.corrected + stored.corrected,
      unchanged: total.unchanged + stored.unchanged,
    };
  }
  return total;
}
