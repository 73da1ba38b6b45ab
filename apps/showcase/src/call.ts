import { readFile } from 'node:fs/promises'
import { inspect, parseArgs } from 'node:util'
import { createClient } from '@hawser/client'
import { RpcError } from '@hawser/contract'
import { codecs, transportsOf, ways } from './strands.js'

const usage = `Usage: npm run call -w apps/showcase -- [--ca <file>] <address> <method> [argument …]

  Arguments are JSON; what is no JSON is taken as text.`

const { values, positionals } = parseArgs({ allowPositionals: true, options: { ca: { type: 'string' } } })
const [address, method, ...args] = positionals
if (address === undefined || method === undefined) {
  console.error(usage)
  process.exit(2)
}

const { ca = '' } = values
const tls = { client: { ca: ca === '' ? undefined : await readFile(ca, 'utf8') } }
await using client = createClient({ transports: transportsOf(ways(tls, ca)), codecs })
try {
  const answer = await client.remote(address, method)(...args.map(argumentOf))
  console.log(
    typeof answer === 'string' ? answer : inspect(answer, { depth: 6, colors: process.stdout.isTTY }),
  )
} catch (error) {
  if (!RpcError.is(error)) throw error
  console.error(`${error.code}: ${error.message}`)
  process.exitCode = 1
}

function argumentOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
