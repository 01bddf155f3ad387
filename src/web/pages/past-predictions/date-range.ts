/** A day as the API takes it, in the viewer's zone: `2026-11-21`. */
export function toDay(date: Date): string {
  const pad = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

function daysBefore(date: Date, days: number): string {
  return toDay(new Date(date.getFullYear(), date.getMonth(), date.getDate() - days));
}

/** The most common ranges. */
export function toPresets(today: Date): { label: string; days: { from: string; to: string } }[] {
  const last = (days: number) => ({ from: daysBefore(today, days - 1), to: toDay(today) });
  return [
    { label: 'Today', days: last(1) },
    { label: 'Yesterday', days: { from: daysBefore(today, 1), to: daysBefore(today, 1) } },
    { label: 'Last 7 days', days: last(7) },
    { label: 'Last 30 days', days: last(30) },
  ];
}
