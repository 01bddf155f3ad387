const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/**
 * A number of bytes in readable form: 1536 is `1.5 KB`. A KB is 1,024 bytes, here as in all limits, in Grafana and in
 * the web app.
 */
export function toSizeText(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), UNITS.length - 1);
  return `${(bytes / 1024 ** power).toLocaleString('en-US', { maximumFractionDigits: 1 })} ${UNITS[power]}`;
}
