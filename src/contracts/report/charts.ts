import { type Html, html } from './html.ts';

export interface Share {
  readonly label: string;
  readonly value: number;
  /** Class that colours it: good, bad, rejected, warn. */
  readonly tone: string;
}

/** One bar made of parts, each at least a hair wide so that a single bad row among millions is seen. */
export function stackedBar(parts: readonly Share[], label: string): Html {
  const shown = parts.filter(({ value }) => value > 0);
  const total = shown.reduce((sum, { value }) => sum + value, 0);
  const least = 4;
  const width = 1000;
  const free = width - least * shown.length;
  let x = 0;
  const bars = shown.map(({ label: name, value, tone }) => {
    const barWidth = least + (value / total) * free;
    const bar = html`<rect class="${tone}" fill="currentColor" x="${round(x)}" y="0" width="${round(barWidth)}" height="26"><title>${name}: ${count(value)} (${percent(value / total)})</title></rect>`;
    x += barWidth;
    return bar;
  });
  const track = html`<rect width="${width}" height="26" fill="var(--track)"/>`;
  return html`<svg viewBox="0 0 ${width} 26" preserveAspectRatio="none" class="bar" role="img" aria-label="${label}">${total === 0 ? track : bars}</svg>`;
}

/** A short bar for a share from 0 to 1. */
export function shareBar(share: number, tone: string): Html {
  const width = share <= 0 ? 0 : Math.max(2, Math.min(1, share) * 100);
  return html`<svg viewBox="0 0 100 8" preserveAspectRatio="none" class="share" aria-hidden="true"><rect width="100" height="8" rx="2" fill="var(--track)"/><rect class="${tone}" fill="currentColor" width="${round(width)}" height="8" rx="2"/></svg>`;
}

/** A line of past values with the last one marked; nothing for fewer than two. */
export function sparkline(values: readonly number[], { label, tone }: { label: string; tone: string }): Html {
  if (values.length < 2) return html``;
  const max = Math.max(...values, 1e-9);
  const points = values.map(
    (value, index) => [(index / (values.length - 1)) * 196 + 2, 38 - (value / max) * 34] as const,
  );
  const [lastX, lastY] = points.at(-1) ?? [0, 0];
  const path = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
  return html`<svg viewBox="0 0 200 42" class="line" role="img" aria-label="${label}"><path class="${tone}" d="${path}" fill="none" stroke="currentColor" stroke-width="2"/><circle class="${tone}" fill="currentColor" cx="${round(lastX)}" cy="${round(lastY)}" r="3"/></svg>`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}

/** A share as a percentage that is 0 or 100 only when it is exactly so. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.01) return '< 0.01 %';
  if (value < 100 && value > 99.99) return '> 99.99 %';
  return `${Number(value.toFixed(value < 1 ? 2 : 1))} %`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Columns side by side, as high as their rows. */
export function columnChart(parts: readonly { readonly label: string; readonly rows: number }[], label: string): Html {
  const most = Math.max(1, ...parts.map(({ rows }) => rows));
  const width = 600 / parts.length;
  const bars = parts.map(({ rows, label: name }, at) => {
    const height = rows === 0 ? 0 : Math.max(1, (rows / most) * 96);
    return html`<rect fill="var(--accent)" x="${round(at * width + 0.5)}" y="${round(100 - height)}" width="${round(width - 1)}" height="${round(height)}"><title>${name}: ${count(rows)}</title></rect>`;
  });
  return html`<svg viewBox="0 0 600 100" preserveAspectRatio="none" class="columns" role="img" aria-label="${label}">${bars}</svg>`;
}
