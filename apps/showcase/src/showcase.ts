import { once } from 'node:events'
import { checks } from './checks/all.js'
import { type Printer, printTable } from './report.js'
import type { Site } from './site.js'
import { painter } from './table.js'

// What shells give for a program ended by Ctrl-C.
const stoppedCode = 130

/** How the showcase is run. */
export interface ShowcaseOptions {
  /** End after the table instead of serving on. */
  readonly once: boolean
}

/**
 * Shows everything, and serves until it is told to stop.
 * @returns the exit code: 0, or 1 if anything failed; 130 when it was told to stop before the table was complete
 */
export async function showcase(site: Site, options: ShowcaseOptions): Promise<number> {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const printer: Printer = { line: (text) => console.log(text), paint: painter(process.stdout) }
  const { line, paint } = printer
  printSite(site, printer)
  const started = performance.now()
  const { stacks, passed, failures } = await printTable(site, printer, stop.signal)
  if (stop.signal.aborted) return stoppedCode
  const seconds = ((performance.now() - started) / 1_000).toFixed(1)
  line('')
  for (const failure of failures) line(`${paint('red', '✗')} ${failure}`)
  if (failures.length > 0) line('')
  line(
    failures.length === 0
      ? paint('green', `✓ All ${passed} checks passed, through ${stacks} stacks in ${seconds} s.`)
      : paint('red', `✗ ${failures.length} of ${passed + failures.length} checks failed.`),
  )
  if (!options.once) {
    printCalls(site, printer)
    if (!stop.signal.aborted) await once(stop.signal, 'abort')
    line('\nClosing.')
  }
  return failures.length === 0 ? 0 : 1
}

function printSite({ server, library, ways, addresses }: Site, { line, paint }: Printer): void {
  const kilobytes = Math.round([...library.values()].reduce((sum, text) => sum + text.length, 0) / 1_000)
  line(paint('bold', 'Hawser showcase'))
  line(
    `One server, ${server.methods.length} methods, over ${library.size} texts of this repository (${kilobytes} kB), at`,
  )
  for (const address of new Set(addresses.values())) {
    const spoken = ways.filter(({ name }) => addresses.get(name) === address).map(({ name }) => name)
    line(`  ${address}${spoken.length > 1 ? `, for ${spoken.join(', ')} at one port` : ''}`)
  }
  line('\nWhat is called, through each stack of a transport and a codec:')
  const width = Math.max(...checks.map(({ name }) => name.length), 'calls/s'.length)
  for (const { name, about } of checks) line(`  ${name.padEnd(width)}  ${about}`)
  line(`  ${'calls/s'.padEnd(width)}  a small call, 64 in flight; client and server share this process\n`)
}

function printCalls({ ways, addresses }: Site, { line, paint }: Printer): void {
  line('\nStill serving. From another terminal:')
  const examples = ['/to_string 123', '/search deadline', '/measure docs/limits.md']
  for (const [index, { name, callOptions }] of ways.filter((way) => way.callOptions).entries())
    line(
      `  ${['npm run call -w apps/showcase --', ...callOptions!, addresses.get(name), examples[index % examples.length]].join(' ')}`,
    )
  const host = addresses.get('http')?.replace(/^tcp:/, 'http:')
  line(`  curl --json '["deadline"]' ${host}/search`)
  line(paint('dim', 'Ctrl-C ends it.'))
}
