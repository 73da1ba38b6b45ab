import { Refusal } from '@hawser/codec-base'

// Up to so many characters a loop beats a regular expression, and that beats JSON.stringify.
const loopCharacters = 100
const odd = /[^ !#-[\]-~]/

/** Text as a JSON string. Throws Refusal for half a surrogate pair. */
export function quoted(text: string): string {
  if (isEven(text)) return `"${text}"`
  if (!text.isWellFormed()) throw new Refusal('holds half a surrogate pair')
  return JSON.stringify(text)
}

/** Does the text stand for itself between quotes? */
function isEven(text: string): boolean {
  if (text.length > loopCharacters) return !odd.test(text)
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || unit > 0x7e) return false
  }
  return true
}

const slots = 256
const longestKept = 24

/** Quoted keys with their colon. Keys repeat from object to object; a fixed number of slots, so that it cannot grow. */
export class Keys {
  readonly #keys: string[] = new Array<string>(slots).fill('')
  readonly #texts: string[] = new Array<string>(slots).fill('')

  quoted(key: string): string {
    const { length } = key
    if (length === 0 || length > longestKept) return `${quoted(key)}:`
    const slot = (length * 31 + key.charCodeAt(0) * 5 + key.charCodeAt(length - 1) * 7) % slots
    if (this.#keys[slot] === key) return this.#texts[slot]!
    const text = `${quoted(key)}:`
    this.#keys[slot] = key
    this.#texts[slot] = text
    return text
  }
}
