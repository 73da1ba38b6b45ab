import { closeSync, openSync } from 'node:fs'
import type { Socket } from 'node:net'
import { type Connection, RpcError, type Transport } from '@hawser/contract'

/**
 * Run in a process with a low limit of file descriptors: what happens when they run out, as one line of JSON.
 * @param connectPlainly opens a socket to a listener's address without the transport
 */
export async function runOutOfDescriptors(
  transport: Transport,
  address: string,
  connectPlainly: (address: string) => Socket,
): Promise<void> {
  const accepted: Connection[] = []
  const listener = await transport.listen(address, (connection) => {
    accepted.push(connection)
    connection.start((bytes) => connection.send(bytes))
    listener.admitted?.(connection)
  })
  const turn = (milliseconds = 1) => new Promise((resolve) => setTimeout(resolve, milliseconds))
  const atMost = (milliseconds: number) =>
    new Promise<void>((resolve) => setTimeout(resolve, milliseconds).unref())

  const steady = await transport.dial(listener.address)
  let echoed = 0
  steady.start((bytes) => {
    echoed += bytes.length
  })
  async function echoes(): Promise<boolean> {
    const before = echoed
    steady.send(Uint8Array.of(1))
    for (let round = 0; round < 500 && echoed === before; round++) await turn()
    return echoed > before
  }
  const firstEcho = await echoes()

  // Take every descriptor but one, so that a connection can be dialled and not accepted; then the last one, too.
  const taken: number[] = []
  function exhaust(leave: number): void {
    for (;;) {
      try {
        taken.push(openSync('/dev/null', 'r'))
      } catch {
        break
      }
    }
    for (let count = 0; count < leave; count++) closeSync(taken.pop()!)
  }
  exhaust(1)
  const doomed = connectPlainly(listener.address)
  doomed.on('error', () => {}).resume()
  const doomedClosed = new Promise<void>((resolve) => doomed.once('close', () => resolve()))
  await Promise.race([doomedClosed, atMost(500)])
  const duringAccept = await echoes()
  const refusedAccepts = accepted.length === 1
  doomed.destroy()
  await turn(20)

  exhaust(0)
  const error: unknown = await transport.dial(listener.address).catch((caught: unknown) => caught)
  const duringDial = await echoes()
  for (const descriptor of taken) closeSync(descriptor)

  const start = performance.now()
  const later = await transport.dial(listener.address)
  const got = new Promise<void>((resolve) => later.start(() => resolve()))
  later.send(Uint8Array.of(1))
  await Promise.race([got, atMost(5_000)])
  const recoveryMs = performance.now() - start
  await later.close()
  await steady.close()

  const report = {
    firstEcho,
    duringAccept,
    refusedAccepts,
    duringDial,
    recoveryMs,
    error: RpcError.is(error)
      ? { code: error.code, reason: error.reason, executed: error.executed, retryable: error.retryable }
      : String(error),
  }
  await listener.close()
  console.info(JSON.stringify(report))
}
