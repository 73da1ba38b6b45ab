import { readText } from '@hawser/codec-base'
import type { Texts } from '../text.js'

const encoder = /* @__PURE__ */ new TextEncoder()

/** With what every runtime has. */
export const pageTexts: Texts = {
  read(bytes, start, end) {
    try {
      return readText(bytes.subarray(start, end))
    } catch {
      return undefined
    }
  },
  room: ({ length }) => 3 * length,
  write: (text, bytes, at) => encoder.encodeInto(text, bytes.subarray(at)).written,
}
