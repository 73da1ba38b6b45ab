import { Refusal } from '@hawser/codec-base'
import t from 'tap'
import { Keys, quoted } from '../src/quoted.js'

// Short enough for the loop, and too long for it.
const around = ['', 'x'.repeat(99), 'x'.repeat(100), 'x'.repeat(5000)]

t.test('any text is quoted as JSON.stringify does it', async (t) => {
  const wrong: string[] = []
  for (const before of around)
    for (let unit = 0; unit < 0x10000; unit += unit < 0x200 ? 1 : 251) {
      if (unit >= 0xd800 && unit <= 0xdfff) continue
      const text = before + String.fromCharCode(unit)
      if (quoted(text) !== JSON.stringify(text)) wrong.push(`${before.length} and ${unit}`)
    }
  t.strictSame(wrong, [])
  t.equal(quoted('😀'), '"😀"')
})

t.test('half a surrogate pair is refused', async (t) => {
  for (const before of around) t.throws(() => quoted(`${before}\ud800`), Refusal)
})

t.test('keys are quoted the same the second time, also where they share a slot', async (t) => {
  const keys = new Keys()
  const names = ['', 'a', 'b"', 'é', 'x'.repeat(24), 'x'.repeat(25), 'abba', 'acca', 'adda']
  for (let round = 0; round < 3; round++)
    for (const name of names) t.equal(keys.quoted(name), `${JSON.stringify(name)}:`)
})
