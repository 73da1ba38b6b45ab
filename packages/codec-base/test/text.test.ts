import t from 'tap'
import { isName, native, protoKey, readText, sameBytes, textRoom, writeText } from '../src/index.js'

const texts = ['', 'x', 'é€😀', '\ufeffx', '\0', 'x'.repeat(255), 'é'.repeat(256), '😀'.repeat(1000)]

t.test('text is written where there is room for it, and read again', async (t) => {
  for (const text of texts) {
    const room = textRoom(text)
    const bytes = new Uint8Array(room + 10)
    const written = writeText(text, bytes, 3)
    t.ok(written <= room)
    t.equal(readText(bytes.subarray(3, 3 + written)), text)
  }
})

t.test('what is no UTF-8 is not read', async (t) => {
  for (const hex of ['ff', 'c0af', 'eda080', 'e282'])
    t.throws(() => readText(Buffer.from(hex, 'hex')), TypeError)
})

t.test('Node has what is faster', async (t) => {
  t.equal(native?.Buffer, Buffer)
})

t.test('names are compared byte by byte', async (t) => {
  const bytes = Buffer.from('x__proto__x')
  t.ok(isName(protoKey, bytes, 1, 10))
  t.notOk(isName(protoKey, bytes, 1, 9))
  t.notOk(isName(protoKey, bytes, 0, 9))
  t.ok(sameBytes(bytes, 0, bytes, 10, 1))
  t.notOk(sameBytes(bytes, 0, bytes, 9, 2))
})
