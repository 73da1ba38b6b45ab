import t from 'tap'
import { warnOfOldRuntime } from '../src/runtime-age.js'

t.test('a Node.js release with known holes is told of, once it serves', async (t) => {
  const told = (version: string | undefined) => {
    const lines: string[] = []
    warnOfOldRuntime(({ event }) => lines.push(event), version)
    return lines
  }
  for (const old of ['18.20.0', '20.19.0', '20.20.1', '21.7.3', '22.22.1', '23.11.0', '24.14.0'])
    t.same(told(old), ['runtime_outdated'], old)
  for (const sound of ['20.20.2', '20.21.0', '22.22.2', '24.14.1', '24.15.0', '25.0.0', '26.10.0'])
    t.same(told(sound), [], sound)
  t.same(told(''), [])
})
