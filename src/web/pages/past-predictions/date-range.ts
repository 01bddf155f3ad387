/** A day as the API takes it, in the viewer's zone: `2026-11-21`. */
export function toDay(date: Date): string {
  const pad = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

function daysBefore(date: Date, days: number): string {
  return toDay(new Date(date.getFullYear(), date.getMonth(), date.getDate() - days));
}

/** The most common ranges. */
export function toPresets(today: Date): { value: [string, string]; label: string }[] {
  const last = (days: number): [string, string] => [daysBefore(today, days - 1), toDay(today)];
  return [
    { value: last(1), label: 'Today' },
    { value: [daysBefore(today, 1), daysBefore(today, 1)], label: 'Yesterday' },
    { value: last(7), label: 'Last 7 days' },
    { value: last(30), label: 'Last 30 days' },
  ];
}
