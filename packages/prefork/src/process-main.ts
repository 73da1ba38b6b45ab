// What a child process runs. Its arguments are empty; all it needs comes over its pipe.
import type { Socket } from 'node:net'
import { inhabit } from './inhabit.js'
import { nameOf } from './name.js'

const child = inhabit(
  {
    post(message) {
      if (process.connected) process.send?.(message, undefined, undefined, () => {})
    },
    leave(code) {
      // What was posted last is to arrive; and should the pipe be full and nobody read it, this ends all the same.
      setTimeout(() => process.exit(code), 1_000).unref()
      if (process.connected) process.send?.({}, undefined, undefined, () => process.exit(code))
      else process.exit(code)
    },
    placed(worker) {
      process.title = nameOf(worker)
    },
  },
  false,
)
process.on('message', (message, socket) => child.message(message, socket as Socket | undefined))
process.on('disconnect', () => child.orphaned())
process.on('SIGTERM', () => child.asked())
// Ctrl-C reaches all processes of a terminal. The main program says what is to happen.
process.on('SIGINT', () => {})
child.hello()
