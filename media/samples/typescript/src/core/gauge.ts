/** Gauges: small readers of unknown values. A gauge returns the value with its type, or undefined when it is wrong. */

export interface Gauge<T> {
  readonly wants: string;
  readonly read: (value: unknown) => T | undefined;
}

export interface SpareGauge<T> extends Gauge<T> {
  /** The value that is used when nothing is given. */
  readonly spare: T;
}

/** A text of 1 to `limit` characters. */
export function words(limit: number): Gauge<string> {
  return {
    wants: `a text of 1 to ${limit} characters`,
    read: (value) =>
      typeof value === 'string' && value.trim().length > 0 && value.length <= limit ? value : undefined,
  };
}

/** A whole number from `low` to `high`. */
export function count(low: number, high: number): Gauge<number> {
  return {
    wants: `a whole number from ${low} to ${high}`,
    read: (value) => (Number.isInteger(value) && within(value as number, low, high) ? (value as number) : undefined),
  };
}

/** A number from `low` to `high` in a unit. */
export function span(low: number, high: number, unit: string): Gauge<number> {
  return {
    wants: `a number from ${low} to ${high} ${unit}`,
    read: (value) => (typeof value === 'number' && within(value, low, high) ? value : undefined),
  };
}

/** The tag of a record, such as `bed-12`. */
export function tagOf(prefix: string): Gauge<string> {
  const pattern = new RegExp(`^${prefix}-[1-9][0-9]*$`);
  return {
    wants: `a tag such as ${prefix}-1`,
    read: (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined),
  };
}

/** One of a few words. */
export function either<const W extends string>(...choices: readonly W[]): Gauge<W> {
  return {
    wants: `one of ${choices.join(', ')}`,
    read: (value) => choices.find((choice) => choice === value),
  };
}

/** True or false. */
export function yesNo(): Gauge<boolean> {
  return { wants: 'true or false', read: (value) => (typeof value === 'boolean' ? value : undefined) };
}

/** A list of 1 to `limit` values of another gauge. */
export function several<T>(gauge: Gauge<T>, limit: number): Gauge<T[]> {
  return {
    wants: `1 to ${limit} times ${gauge.wants}`,
    read: (value) => {
      if (!Array.isArray(value) || value.length === 0 || value.length > limit) return undefined;
      const read = value.map((entry) => gauge.read(entry));
      return read.every((entry) => entry !== undefined) ? (read as T[]) : undefined;
    },
  };
}

/** Makes a gauge optional. */
export function spare<T>(gauge: Gauge<T>, value: T): SpareGauge<T> {
  return { ...gauge, spare: value };
}

function within(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}
