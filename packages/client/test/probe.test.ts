import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import type { LogEntry } from '@hawser/contract'
import { createServer } from '@hawser/server'
import { ipc } from '@hawser/transport-ipc'
import { tcp } from '@hawser/transport-tcp'
import { native } from '@hawser/wire'
import t from 'tap'

harness(t)

const other = { ...native(), name: 'other', sniff: () => 'no' as const }
const windows = process.platform === 'win32'

for (const [port, protocols] of [
  ['one protocol', [native()]],
  ['several protocols', [native(), other]],
] as const)
  t.test(`a probe that connects and says nothing is no matter for the log: a port of ${port}`, async (t) => {
    const entries: LogEntry[] = []
    const log = (entry: LogEntry) => void entries.push(entry)
    const told: string[] = []
    const server = createServer({
      transports: [tcp({ log }), ipc({ log })],
      codecs: [json()],
      protocols,
      log,
      onConnect: () => void told.push('connect'),
      onClose: () => void told.push('close'),
    })
    const folder = await mkdtemp(join(tmpdir(), 'probe-'))
    const path = join(folder, 's.sock')
    const { address } = await server.listen('tcp://127.0.0.1:0')
    if (!windows) await server.listen(`ipc://${path}`)
    const overTcp = { port: Number(new URL(address).port), host: '127.0.0.1' }
    for (const to of windows ? [overTcp] : [overTcp, { path }])
      for (const how of ['end', 'destroy', 'resetAndDestroy'] as const) {
        if (how === 'resetAndDestroy' && 'path' in to) continue
        const socket = connect(to)
        await once(socket, 'connect')
        const gone = once(socket, 'close')
        socket.resume()
        socket[how]()
        await gone
      }
    // The server has seen all of them when it has ended.
    await server.close()
    await rm(folder, { recursive: true })
    t.same(entries, [])
    t.same([...server.counters], [])
    t.same(told, [], 'nor for the hooks')
  })
