import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { childrenOf, lives, until } from './support/scene.js'

harness(t)

const skip = process.platform === 'linux' ? false : 'processes are counted in /proc'

t.test('F24 children leave when their parent is killed', { skip }, async (t) => {
  for (const [model, accept] of [
    ['prefork-async', 'handed'],
    ['prefork-async', 'cluster'],
    ['process-per-connection', 'handed'],
  ] as const) {
    const main = fork(fileURLToPath(new URL('./support/main.mjs', import.meta.url)), [model, accept], {
      execArgv: [],
    })
    const [{ address }] = await once(main, 'message')
    const socket = connect(Number(new URL(address).port), '127.0.0.1').resume()
    socket.on('error', () => {})
    await until(() => childrenOf(main.pid!).length > 0)
    const pids = childrenOf(main.pid!).map(({ pid }) => pid)
    main.kill('SIGKILL')
    await once(main, 'exit')
    await until(() => !pids.some(lives))
    t.pass(`${model}, ${accept}: ${pids.length} children left`)
    socket.destroy()
  }
})
