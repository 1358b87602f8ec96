/** @file Numbers as people read them. A dash stands for what is not known. */
import type { MapValue } from './mapModel.ts';

const UNKNOWN = '–';

export function formatCount(value: number | null): string {
  return value === null || Number.isNaN(value) ? UNKNOWN : value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** Loss in nats: three decimals. */
export function formatLoss(value: number | null): string {
  if (value === null || Number.isNaN(value)) return UNKNOWN;
  return Number.isFinite(value) ? value.toFixed(3) : value > 0 ? '∞' : '−∞';
}

/** Three significant digits, in powers of ten where it is very large or small. */
export function formatSignificant(value: number | null): string {
  if (value === null || Number.isNaN(value)) return UNKNOWN;
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(1).replaceAll('-', '−').replace('e+', 'e');
  return String(Number(value.toPrecision(3))).replace('-', '−');
}

/** 0.1234 as `12.3 %`. */
export function formatPercent(share: number | null): string {
  if (share === null || Number.isNaN(share)) return UNKNOWN;
  const percent = share * 100;
  const size = Math.abs(percent);
  if (size !== 0 && size < 0.001) return `${percent.toExponential(0).replaceAll('-', '−')} %`;
  const text = size >= 99.95 ? percent.toFixed(0) : String(Number(percent.toPrecision(3)));
  return `${text.replace('-', '−')} %`;
}

/** With its sign. */
export function formatChange(share: number | null): string {
  if (share === null || Number.isNaN(share)) return UNKNOWN;
  const text = `${Math.abs(share * 100).toFixed(1)} %`;
  return share < 0 ? `−${text}` : `+${text}`;
}

export function formatDuration(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return UNKNOWN;
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

export function formatBytes(bytes: number | null): string {
  if (bytes === null || !Number.isFinite(bytes)) return UNKNOWN;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${units[unit]}`;
}

/** The same in little room: two digits, shares in per cent without the sign. */
export function formatShort(value: MapValue, number: number): string {
  if (Number.isNaN(number)) return UNKNOWN;
  const scaled = value === 'share' || value === 'activity' ? number * 100 : number;
  if (value === 'mask' || value === 'staleness') return formatMapValue(value, number);
  const text = Math.abs(scaled) < 0.001 ? scaled.toFixed(3) : String(Number(scaled.toPrecision(2)));
  return text.replace(/^(-?)0\./, '$1.').replace('-', '−');
}

/** A value of the error map. */
export function formatMapValue(value: MapValue, number: number): string {
  if (Number.isNaN(number)) return UNKNOWN;
  if (value === 'share' || value === 'activity') return formatPercent(number);
  if (value === 'mask') return String(number).replace('-', '−');
  return value === 'staleness' ? `${formatCount(number).replace('-', '−')}` : formatSignificant(number);
}
