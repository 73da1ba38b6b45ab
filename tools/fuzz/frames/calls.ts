import type { Client } from '@hawser/client'
import { RpcError } from '@hawser/contract'
import { Fuzzed } from './service.js'

/** What became of a call: `answered`, or why not. */
export type Fate = string

/**
 * Makes the calls that are recorded, and made again to be answered by a stranger: always the same, so that their ids
 * are. The first waits at the gate.
 */
export function makeCalls(client: Client, address: string): Promise<Fate>[] {
  const stub = client.stub(Fuzzed, address, { timeoutMs: 5_000 })
  const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', baggage: 'a=b' }
  const calls: Promise<unknown>[] = [
    stub.wait('first'),
    stub.echo.with({ headers })({ text: 'é🪢', list: [1, 2.5, null, true], blob: new Uint8Array(40) }),
    stub.fail({ why: 'details' }),
    stub.note('nobody answers'),
    stub.echo.enabled(),
    client.remote<(n: number) => string>(address, '/no/such/method')(1),
    readAll(stub.count({ to: 30 })),
    readSome(stub.count({ to: 200 }), 2),
    stub.sum([1, 2, 3, 4]),
    readAll(stub.twice([['a'], { b: 'c'.repeat(300) }, new Uint8Array(2_000)])),
    stub.echo('again'),
    stub.echo('x'.repeat(3_000)),
  ]
  return calls.map(fateOf)
}

/** @throws what is no RpcError */
export async function fateOf(call: Promise<unknown>): Promise<Fate> {
  try {
    await call
    return 'answered'
  } catch (error) {
    if (!RpcError.is(error)) throw error
    // Not its message, which may be the stranger's.
    return `${error.code}/${error.reason}`
  }
}

async function readAll(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

async function readSome(items: AsyncIterable<unknown>, count: number): Promise<void> {
  let left = count
  for await (const _ of items) if (--left === 0) return
}
