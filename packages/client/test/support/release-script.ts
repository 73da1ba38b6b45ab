import type { Client } from '@hawser/client'
import { RpcError } from '@hawser/contract'
import { clientStream, serverStream, service, unary } from '@hawser/schema'
import type { Server } from '@hawser/server'

/** What is called between releases: it must not change, or the captures say nothing. */
const Every = service('release.Every', {
  say: unary<{ text: string }, { text: string }>(),
  count: serverStream<number, number>(),
  sum: clientStream<number, number>(),
})

export function serveScript(server: Server): void {
  server.rpc('/to_string', (n: number) => String(n))
  server.rpc('/refuse', () => {
    throw new RpcError('failed_precondition', 'not today', { reason: 'denied', details: { at: [1, 2] } })
  })
  server.implement(Every, {
    say: ({ text }) => ({ text: text.toUpperCase() }),
    *count(to) {
      for (let n = 1; n <= to; n++) yield n
    },
    async sum(numbers) {
      let sum = 0
      for await (const n of numbers) sum += n
      return sum
    },
  })
}

/** One call after the other, so that the frames come in the same order each time. */
export async function runScript(client: Client, address: string): Promise<unknown[]> {
  const text = client.remote<(n: number) => string>(address, '/to_string')
  const refuse = client.remote<() => void>(address, '/refuse')
  const every = client.stub(Every, address)
  const counted: number[] = []
  const outcomes: unknown[] = [await text(123), await every.say({ text: 'grüße' })]
  for await (const n of every.count(3)) counted.push(n)
  outcomes.push(counted, await every.sum([1, 2, 3]), await refuse.enabled())
  outcomes.push(await refuse().catch(({ code, reason, details }: RpcError) => ({ code, reason, details })))
  return outcomes
}

/** What it comes to. */
export const scriptOutcomes: readonly unknown[] = [
  '123',
  { text: 'GRÜSSE' },
  [1, 2, 3],
  6,
  true,
  { code: 'failed_precondition', reason: 'denied', details: { at: [1, 2] } },
]
