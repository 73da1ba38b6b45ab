// A main program: serves, and tells where.
import { serve, shutDownOn } from '@hawser/prefork'

const [model, accept = 'handed', drainMs = '25000'] = process.argv.slice(2)
const running = await serve(new URL('./server.mjs', import.meta.url), {
  model,
  accept,
  listen: 'tcp://127.0.0.1:0',
  workers: 2,
  drainMs: Number(drainMs),
  log: () => {},
})
shutDownOn(['SIGTERM', 'SIGINT'], running)
process.send({ address: running.address })
