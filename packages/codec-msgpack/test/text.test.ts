import t from 'tap'
import { checkText } from '../src/text.js'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function isText(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes)
    return true
  } catch {
    return false
  }
}

t.test('UTF-8 is judged as the platform judges it', async (t) => {
  // Every lead with every second byte, and the continuations at their edges.
  const edges = [0x7f, 0x80, 0xbf, 0xc0]
  let wrong = 0
  const compare = (...bytes: number[]): void => {
    // Alone, and behind enough for the native check.
    for (const before of [0, 200]) {
      const all = Uint8Array.of(...new Array<number>(before).fill(0x61), ...bytes)
      if ((checkText(all, 0, all.length) !== 'bad') !== isText(all)) wrong++
    }
  }
  for (let first = 0; first < 256; first++) {
    compare(first)
    for (let second = 0; second < 256; second++) {
      compare(first, second)
      if (first < 0xe0 || second < 0x80 || second > 0xbf) continue
      for (const third of edges) {
        compare(first, second, third)
        if (first >= 0xf0) for (const fourth of edges) compare(first, second, third, fourth)
      }
    }
  }
  t.equal(wrong, 0)
})

t.test('ASCII is told from the rest at every place', async (t) => {
  for (const length of [1, 7, 8, 9, 17, 160, 161, 300])
    for (let at = 0; at < length; at++) {
      const bytes = new Uint8Array(length + 1).fill(0x61)
      if (checkText(bytes, 0, length) !== 'ascii') t.fail(`${length} of ASCII`)
      bytes[at] = 0xff
      if (checkText(bytes, 0, length) !== 'bad') t.fail(`${length}, bad at ${at}`)
      bytes.set([0xc3, 0xa9], at)
      if (checkText(bytes, 0, length + 1) !== 'utf-8') t.fail(`${length}, é at ${at}`)
      if (at === length - 1 && checkText(bytes, 0, length) !== 'bad') t.fail(`${length}, cut`)
    }
  t.pass()
})
