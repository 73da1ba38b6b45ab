import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'

harness(t)

t.test('F20 a process short of memory refuses calls instead of dying, and takes them again', async (t) => {
  const script = fileURLToPath(new URL('../support/memory-process.mjs', import.meta.url))
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--max-old-space-size=256', '--expose-gc', script],
    { env: {} },
  )
  const { full, empty, states } = JSON.parse(stdout)
  t.equal(full.refused, 'resource_exhausted/overloaded/no')
  t.ok(full.share > 0.5, `${full.share} of the memory was kept when it refused`)
  t.ok(empty.share < 0.5, `${empty.share} in the end`)
  t.equal(empty.outcome, 'taken')
  t.equal(states[0], 'refusing')
  t.equal(states.at(-1), 'open')
})
