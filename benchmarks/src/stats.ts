/** Of the rounds of one measure. */
export interface Summary {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** @param sorted ascending; NaN when empty */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN
  const position = share * (sorted.length - 1)
  const below = Math.floor(position)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  return low + (high - low) * (position - below)
}

/** NaN in all three when there are no values. */
export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b)
  return { min: quantile(sorted, 0), median: quantile(sorted, 0.5), max: quantile(sorted, 1) }
}

/** Three significant digits and no more: `12.3`, `394 k`, `1.02 M`; `–` for NaN. */
export function readable(value: number): string {
  if (Number.isNaN(value)) return '–'
  if (Math.abs(value) >= 999_500) return `${digits(value / 1e6)} M`
  if (Math.abs(value) >= 9_995) return `${digits(value / 1e3)} k`
  return digits(value)
}

function digits(value: number): string {
  const magnitude = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)))
  return value.toFixed(Math.max(0, Math.min(2, 2 - magnitude)))
}
