// A module that makes servers, as tests need them.
import { appendFileSync } from 'node:fs'
import { json } from '@hawser/codec-json'
import { createServer, type Server } from '@hawser/server'
import { ipc } from '@hawser/transport-ipc'
import { tcp } from '@hawser/transport-tcp'
import type { ServerContext } from '../../src/index.js'

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

export default ({ model, worker, generation, channel }: ServerContext): Server => {
  const server = createServer({ transports: [tcp(), ipc()], codecs: [json()], log: () => {} })
  server.rpc('/where', () => ({ model, worker, generation, pid: process.pid }))
  server.rpc('/echo', (text: string) => text)
  server.rpc('/slow', async (milliseconds: number) => {
    await pause(milliseconds)
    return generation
  })
  server.rpc('/spin', (milliseconds: number) => {
    const until = performance.now() + milliseconds
    while (performance.now() < until);
    return process.pid
  })
  // What was done, for tests to hold against what callers were told.
  server.rpc('/note', (path: string, line: string) => {
    appendFileSync(path, `${line}\n`)
    return line
  })
  server.rpc('/peer', (_: null) => server.connections.map(({ info }) => info.address))
  server.rpc('/crash', () => setImmediate(() => process.exit(3)))
  server.rpc('/throw', () => {
    setImmediate(() => {
      throw new Error('on purpose')
    })
  })
  server.rpc('/env', (name: string) => process.env[name] ?? null)
  server.rpc('/argv', () => process.argv.slice(2))
  server.rpc('/say', (message: string) => channel.postMessage(message))
  let heard: unknown = null
  channel.on('message', (message) => {
    heard = message
  })
  server.rpc('/heard', () => heard)
  return server
}
