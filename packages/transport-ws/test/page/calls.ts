// Runs in a page: the calls of the harbour by the whole client, and what its transport does by itself.
import { createClient } from '@hawser/client'
import { ws } from '@hawser/transport-ws/browser'
import { callBy } from './harbour.js'

callBy(createClient)

export * from './harbour.js'

/** Sends megabytes as fast as the connection takes them: how often it asked to wait, and the most it held. */
export async function flood(to: string, messages: number, bytes: number): Promise<readonly [number, number]> {
  const connection = await ws({}).dial(to)
  connection.start(() => {})
  let waits = 0
  let most = 0
  for (let index = 0; index < messages; index++) {
    const taken = connection.send(new Uint8Array(bytes).fill(index))
    most = Math.max(most, connection.queued)
    if (taken) continue
    waits++
    await connection.drained()
  }
  await connection.close()
  return [waits, most]
}
