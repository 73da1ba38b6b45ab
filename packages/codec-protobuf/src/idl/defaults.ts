// Space, comments, texts, words and numbers, and all other characters. An end that is missing is that of the source.
const token =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"[^"\\]*(?:\\[\s\S][^"\\]*)*"?|'[^'\\]*(?:\\[\s\S][^'\\]*)*'?|[\w.]+|[\s\S]/g
const idle = /^(?:\s|\/\/|\/\*)/
const integer = /^(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/

const piece =
  /[^\\]+|\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]?))/g
const escapes: ReadonlyMap<string, number> = new Map(
  Object.entries({ a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }),
)

// Doubles are exact here, and nobody's defaults are.
const first = 2 ** 53 - 2 ** 20
const utf8 = new TextEncoder()

/**
 * The source with the defaults of its fields as the parser understands them all: integers that a double cannot hold replaced
 * by numbers that stand for them, and texts escaped byte by byte, of their UTF-8.
 * @param exact is told what those numbers stand for
 */
export function plainDefaults(source: string, exact: Map<number, bigint>): string {
  // What came last, but for spaces and comments: the word, the sign behind it, that of a number, or a part of a text.
  let last: 'default' | '=' | '-' | 'text' | undefined
  return source.replace(token, (whole) => {
    if (idle.test(whole)) return whole
    const before = last
    last = undefined
    if (whole === 'default') last = 'default'
    else if (whole === '=' && before === 'default') last = '='
    else if (whole === '-' && before === '=') {
      // The parser wants it where the number is.
      last = '-'
      return ''
    } else if ((before === '=' || before === 'text') && /^["']/.test(whole)) {
      last = 'text'
      return whole.length > 1 && whole.endsWith(whole[0]!) ? escaped(whole.slice(1, -1)) : whole
    } else if (before === '-') return `-${standIn(whole, true, exact)}`
    else if (before === '=') return standIn(whole, false, exact)
    return whole
  })
}

/** What stands for an integer; all else as it is. */
function standIn(digits: string, negative: boolean, exact: Map<number, bigint>): string {
  if (!integer.test(digits)) return digits
  const octal = /^0[0-7]+$/.test(digits)
  const value = BigInt(octal ? `0o${digits}` : digits)
  if (value < first) return digits
  const number = first + exact.size
  exact.set(negative ? -number : number, negative ? -value : value)
  return `${number}`
}

function escaped(text: string): string {
  let units = ''
  let octal = ''
  const flush = (): void => {
    for (const byte of utf8.encode(units)) octal += octet(byte)
    units = ''
  }
  for (const [whole, eights, hex, unit, point, other] of text.matchAll(piece)) {
    if (unit !== undefined) units += String.fromCharCode(Number.parseInt(unit, 16))
    else if (point !== undefined) units += String.fromCodePoint(Number.parseInt(point, 16))
    else if (eights === undefined && hex === undefined && other === undefined) units += whole
    else {
      flush()
      if (other === undefined) octal += octet(eights ? Number.parseInt(eights, 8) : Number.parseInt(hex!, 16))
      else octal += octet(escapes.get(other) ?? other.charCodeAt(0))
    }
  }
  flush()
  return `"${octal}"`
}

function octet(byte: number): string {
  return `\\${(byte & 255).toString(8).padStart(3, '0')}`
}
