import type { Panel } from '#api';
import { toUnitText } from '../format.ts';
import type { Series } from './series.ts';

/** The value axis of a chart: from `min` to `max` in steps of one size, all of them multiples of it. */
export interface ValueScale {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** A moment whose value is far above all others, and beyond the end of the axis. */
export interface Burst {
  readonly time: number;
  readonly value: number;
}

const STEPS_MAX = 5;
/** Below this many moments with a value nothing is usual yet, and so nothing is a burst. */
const MOMENTS_MIN = 8;
/** At most this share of the moments are bursts, and at least one may be. */
const BURST_SHARE = 0.05;
/** A burst is at least so many times as high as the highest of the other moments. */
const BURST_RATIO = 4;
const ROOM_ABOVE = 1.25;

const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
const BYTES_PER_UNIT = 1024;

/** The scale that shows all values. Its steps are whole where values are counts, and round in the unit of the panel. */
export function toValueScale(values: readonly number[], { unit }: Pick<Panel, 'unit'>): ValueScale {
  // Averages of prices hardly differ when seen from zero; amounts are compared by their length from it.
  const ends = unit === 'label' && values.length > 0 ? values : [0, ...values];
  const low = Math.min(...ends);
  const high = Math.max(...ends);
  const span = high - low || 1;
  const step = stepOf(span / STEPS_MAX, unit);
  return { min: Math.floor(low / step) * step, max: Math.ceil((low + span) / step) * step, step };
}

/**
 * The highest values to make room for: all, or without bursts those of the usual moments. One burst would flatten the
 * chart for as long as it is in the window. A logarithmic axis would show both, but has no zero, and stacked bars have
 * no meaning on it; so the axis ends above the usual values, and each burst is marked with its value.
 */
export function withoutBursts(peaks: readonly Burst[]): readonly number[] {
  const all = peaks.map(({ value }) => value);
  const sorted = all.filter((value) => value > 0).sort((a, b) => b - a);
  if (sorted.length < MOMENTS_MIN || all.some((value) => value < 0)) return all;
  const usual = sorted[Math.max(1, Math.floor(sorted.length * BURST_SHARE))] ?? 0;
  const isBurst = (value: number): boolean => value >= usual * BURST_RATIO;
  return sorted.some(isBurst) ? [...all.filter((value) => !isBurst(value)), usual * ROOM_ABOVE] : all;
}

/** The highest value at each moment: the sum of a stack, or else the largest of the series. */
export function toPeaks(times: readonly number[], series: readonly Series[], isStacked: boolean): readonly Burst[] {
  return times.flatMap((time, at) => {
    const values = series.flatMap((each) => each.values[at] ?? []);
    if (values.length === 0) return [];
    const value = isStacked ? values.reduce((sum, each) => sum + each, 0) : Math.max(...values);
    return [{ time, value }];
  });
}

/** A value on the axis, with as many digits as its step has. */
export function toAxisText(value: number, { step }: ValueScale, panel: Pick<Panel, 'unit'>): string {
  switch (panel.unit) {
    case 'milliseconds':
    case 'seconds':
    case 'bytes':
      return toUnitText(value, panel.unit);
    case 'percent':
      return `${withDigits(value, step)} %`;
    case 'none':
    case 'label':
    case 'count':
      return withDigits(value, step);
    default:
      return panel.unit satisfies never;
  }
}

function withDigits(value: number, step: number): string {
  const digits = Math.min(20, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  // Adding steps makes a negative zero of what is none.
  return new Intl.NumberFormat('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
    Math.abs(value) < step / 2 ? 0 : value,
  );
}

/** The next round step in a unit. */
function stepOf(least: number, unit: Panel['unit']): number {
  switch (unit) {
    case 'count':
      return Math.max(1, decimalStep(least));
    case 'seconds':
      return secondStep(least);
    case 'milliseconds':
      return secondStep(least / 1000) * 1000;
    case 'bytes':
      return byteStep(least);
    case 'none':
    case 'label':
    case 'percent':
      return decimalStep(least);
    default:
      return unit satisfies never;
  }
}

/** 1, 2 or 5 times a power of ten. */
function decimalStep(least: number): number {
  const power = Math.floor(Math.log10(least));
  // As a literal: 5 * 10 ** -1 is 0.5, but 3 * 10 ** -1 is not 0.3.
  const step = [1, 2, 5].map((factor) => Number(`${factor}e${power}`)).find((each) => each >= least);
  return step ?? Number(`1e${power + 1}`);
}

function secondStep(least: number): number {
  // No duration is shown finer than a millisecond.
  if (least < 1) return Math.max(0.001, decimalStep(least));
  return SECONDS.find((each) => each >= least) ?? decimalStep(least / 86_400) * 86_400;
}

function byteStep(least: number): number {
  const unit = BYTES_PER_UNIT ** Math.max(0, Math.floor(Math.log(least) / Math.log(BYTES_PER_UNIT)));
  const step = Math.max(1, decimalStep(least / unit));
  return (step < 1000 ? step : BYTES_PER_UNIT) * unit;
}
