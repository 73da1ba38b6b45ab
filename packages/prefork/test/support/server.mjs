// A module that makes servers, as tests need them. Plain JavaScript, so that children and threads need no loader.
import { appendFileSync, readdirSync } from 'node:fs'
import { threadId } from 'node:worker_threads'
import { json } from '@hawser/codec-json'
import { createServer } from '@hawser/server'
import { ipc } from '@hawser/transport-ipc'
import { tcp } from '@hawser/transport-tcp'

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

export default ({ model, worker, generation, channel }) => {
  const server = createServer({ transports: [tcp(), ipc()], codecs: [json()], log: () => {} })
  server.rpc('/where', () => ({ model, worker, generation, pid: process.pid, threadId }))
  server.rpc('/echo', (text) => text)
  server.rpc('/generation', () => generation)
  server.rpc('/slow', async (milliseconds) => {
    await pause(milliseconds)
    return generation
  })
  server.rpc('/spin', (milliseconds) => {
    const until = performance.now() + milliseconds
    while (performance.now() < until);
  })
  // What was done, to be held against what callers were told.
  server.rpc('/note', (path, line) => {
    appendFileSync(path, `${line}\n`)
    return line
  })
  server.rpc('/connections', () => server.connections.length)
  server.rpc('/exit', (code) => {
    setImmediate(() => process.exit(code))
  })
  server.rpc('/throw', () => {
    setImmediate(() => {
      throw new Error('on purpose')
    })
  })
  server.rpc('/env', () => Object.keys(process.env))
  server.rpc('/argv', () => process.argv.slice(2))
  server.rpc('/descriptors', () => readdirSync('/proc/self/fd').length)
  server.rpc('/forge', () => {
    process.send({ hawser: 'prefork/1', generation, kind: 'done', id: 'all' })
    process.send({ hawser: 'prefork/1', generation: generation + 1, kind: 'leaving' })
    process.send({ something: 'else' })
  })
  server.rpc('/say', (message) => channel.postMessage(message))
  let heard = null
  channel.on('message', (message) => {
    heard = message
  })
  server.rpc('/heard', () => heard)
  return server
}
