import { json } from '@hawser/codec-json'
import { RpcError } from '@hawser/contract'
import { UsageError } from './usage-error.js'

// Unlike JSON.parse it refuses what would not be what was written: 2^60 in digits, a key twice.
const codec = json()
const encoder = new TextEncoder()

/** The value of a JSON text. @throws UsageError */
export function parseJson(text: string): unknown {
  try {
    return codec.decode(encoder.encode(text))
  } catch (error) {
    const { message } = RpcError.from(error)
    const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text
    throw new UsageError(`${shown} is not taken as JSON: ${message}${quotesHint(text)}`)
  }
}

function quotesHint(text: string): string {
  return /^[\p{L}_][\p{L}\w-]*$/u.test(text) ? `; a text has quotes: '"${text}"'` : ''
}

const value = /\[|\{|\]|\}|"(?:[^"\\]|\\.)*"?|[\s,]+|[^\s,[\]{}"]+/gs

/**
 * The values of a text that has several, with blanks or commas between.
 * @throws UsageError
 */
export function parseJsonValues(text: string): unknown[] {
  const values: unknown[] = []
  let depth = 0
  let piece = ''
  const end = () => {
    if (piece !== '') values.push(parseJson(piece))
    piece = ''
  }
  for (const [token] of text.matchAll(value)) {
    if (depth === 0 && /^[\s,]/.test(token)) {
      end()
      continue
    }
    piece += token
    if (token === '[' || token === '{') depth++
    else if ((token === ']' || token === '}') && --depth <= 0) {
      depth = 0
      end()
    }
  }
  end()
  return values
}
