import { Refusal } from '@hawser/codec-base'

/** google.protobuf.Timestamp and google.protobuf.Duration. */
export interface Time {
  readonly seconds: bigint
  readonly nanos: number
}

const nanosPerSecond = 1_000_000_000
// The years 1 to 9999.
const first = -62_135_596_800n
const last = 253_402_300_799n
// About 10,000 years.
const longest = 315_576_000_000n

const timestamp = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/
const duration = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/

/** RFC 3339 in UTC. Throws Refusal. */
export function timestampToJson({ seconds, nanos }: Time): string {
  if (seconds < first || seconds > last || nanos < 0 || nanos >= nanosPerSecond)
    throw new Refusal('is no time of the years 1 to 9999')
  const text = new Date(Number(seconds) * 1000).toISOString()
  return `${text.slice(0, 19)}${fraction(nanos)}Z`
}

/** RFC 3339 with any offset. Throws Refusal. */
export function timestampOfJson(text: string): Time {
  const parts = timestamp.exec(text)
  if (!parts) throw new Refusal('is no time in the form of RFC 3339')
  const [, year, month, day, hour, minute, second, part = '', sign, offsetHour = '0', offsetMinute = '0'] =
    parts
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  date.setUTCHours(Number(hour), Number(minute), Number(second))
  const fits = date.toISOString().startsWith(`${year}-${month}-${day}T${hour}:${minute}:${second}`)
  if (!fits || Number(offsetHour) > 23 || Number(offsetMinute) > 59)
    throw new Refusal('is no time that there is')
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60 * (sign === '-' ? -1 : 1)
  const seconds = BigInt(date.getTime() / 1000 - offset)
  if (seconds < first || seconds > last) throw new Refusal('is no time of the years 1 to 9999')
  return { seconds, nanos: Number(part.padEnd(9, '0')) }
}

/** `1.5s`. Throws Refusal. */
export function durationToJson({ seconds, nanos }: Time): string {
  const mixed = (seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0)
  if (seconds > longest || seconds < -longest || Math.abs(nanos) >= nanosPerSecond || mixed)
    throw new Refusal('is no duration of up to 10,000 years')
  const sign = seconds < 0n || nanos < 0 ? '-' : ''
  return `${sign}${seconds < 0n ? -seconds : seconds}${fraction(Math.abs(nanos))}s`
}

/** Throws Refusal. */
export function durationOfJson(text: string): Time {
  const parts = duration.exec(text)
  const seconds = BigInt(parts?.[2] ?? 0)
  if (!parts || seconds > longest) throw new Refusal('is no duration of up to 10,000 years, as 1.5s')
  const nanos = Number((parts[3] ?? '').padEnd(9, '0'))
  return parts[1] === '-' ? { seconds: -seconds, nanos: 0 - nanos + 0 } : { seconds, nanos }
}

// In thousandths, millionths or billionths.
function fraction(nanos: number): string {
  if (nanos === 0) return ''
  const digits = String(nanos).padStart(9, '0')
  return `.${nanos % 1_000_000 === 0 ? digits.slice(0, 3) : nanos % 1000 === 0 ? digits.slice(0, 6) : digits}`
}
