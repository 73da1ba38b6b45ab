/** A time in a unit that suits it, with three digits: `0.042 ms`, `1.24 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds >= 9_995) return `${(milliseconds / 1_000).toFixed(1)} s`
  if (milliseconds >= 999.5) return `${(milliseconds / 1_000).toFixed(2)} s`
  const places = milliseconds >= 99.95 ? 0 : milliseconds >= 9.995 ? 1 : milliseconds >= 0.9995 ? 2 : 3
  return `${milliseconds.toFixed(places)} ms`
}

/** A number of things, in groups of three digits; small ones with a place behind the point. */
export function amount(count: number): string {
  const text = Number.isInteger(count) || count >= 100 ? count.toFixed(0) : count.toFixed(1)
  return text.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** Milliseconds as a number for programs: to the microsecond. */
export function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1_000) / 1_000
}
