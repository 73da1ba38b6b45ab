import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { Echo, echo } from '../support/echo.js'
import { collect, stack } from '../support/stack.js'

harness(t)

const packages = fileURLToPath(new URL('../../../', import.meta.url))

t.test('F21 no logic reads the wall clock', async (t) => {
  const reads = /\bDate\.now\b|\bnew Date\(\)|\bDate\(\)|hrtime/
  let files = 0
  for (const name of [
    'contract',
    'wire',
    'context',
    'schema',
    'server',
    'client',
    'transport-memory',
    'transport-tcp',
  ]) {
    const folder = join(packages, name, 'src')
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue
      files++
      t.notMatch(readFileSync(join(folder, file), 'utf8'), reads, `${name}/src/${file}`)
    }
  }
  t.ok(files > 60)
})

t.test('F21 a wall clock that jumps and races ends nothing', async (t) => {
  const { now } = Date
  let shift = 0
  Date.now = () => now() * 100 + shift
  try {
    await using all = await stack()
    all.server.implement(Echo, echo().handlers)
    const stub = all.client.stub(Echo, all.address, { timeoutMs: 2_000 })
    const begun = performance.now()
    let endedAt = begun
    const hung = stub.hang
      .with({ timeoutMs: 150 })('x')
      .catch((error) => {
        endedAt = performance.now()
        return error
      })
    for (const jump of [3_600_000, -3_600_000, 86_400_000, 0]) {
      shift = jump
      t.same(
        await collect(stub.count({ to: 20 })),
        Array.from({ length: 20 }, (_, index) => index + 1),
      )
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    t.match(await hung, { code: 'deadline_exceeded' })
    t.ok(endedAt - begun >= 149, 'nothing expires before its time')
  } finally {
    Date.now = now
  }
})
