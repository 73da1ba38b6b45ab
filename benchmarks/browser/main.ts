// Prints, for each round, what the page reached: `{ "hawser": calls/s, "raw": calls/s }`.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openPage } from '../../tools/browser/page.js'

const [rounds = 3, seconds = 1, inFlight = 64, bytes = 64] = process.argv.slice(2).map(Number)
const at = (file: string) => fileURLToPath(new URL(file, import.meta.url))

const server = fork(at('server.ts'), { execArgv: ['--import=tsx'] })
try {
  await using page = await openPage<typeof import('./page.js')>({ entry: at('page.ts') })
  server.send(page.origin)
  const [addresses] = (await once(server, 'message')) as [Record<'hawser' | 'raw', string>]
  for (let round = 0; round < rounds; round++) {
    const rates: Record<string, number> = {}
    const names = round % 2 === 0 ? (['hawser', 'raw'] as const) : (['raw', 'hawser'] as const)
    for (const name of names) rates[name] = await page.run(name, addresses[name], inFlight, bytes, seconds)
    console.log(JSON.stringify(rates))
  }
} finally {
  server.kill()
}
