// Whole numbers that may be past 2^53, where they are the default of a field.
const long = /(\bdefault\s*=\s*)(-?)(0[xX][0-9a-fA-F]{13,}|[0-9]{16,})(?=\s*[\],])/g

// Doubles are exact here, and nobody's defaults are.
const first = 2 ** 53 - 2 ** 20

/**
 * The source with numbers in place of those defaults that a double cannot hold, because the parser makes doubles of all.
 * @param exact is told what they stand for
 */
export function exactDefaults(source: string, exact: Map<number, bigint>): string {
  return source.replace(long, (whole, before: string, sign: string, digits: string) => {
    const value = integer(digits)
    if (value === undefined) return whole
    const standIn = first + exact.size
    exact.set(standIn, sign === '-' ? -value : value)
    return `${before}${standIn}`
  })
}

function integer(digits: string): bigint | undefined {
  // With a zero in front it would be octal.
  return digits.startsWith('0') && !/^0x/i.test(digits) ? undefined : BigInt(digits)
}
