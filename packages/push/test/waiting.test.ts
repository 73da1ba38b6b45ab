import t from 'tap'
import { Message } from '../src/message.js'
import { Waiting } from '../src/waiting.js'

const message = (number: number) => new Message(number, new Uint8Array(8 + (number % 7)))

t.test(
  'what waits comes out as it would of a plain list, whatever is pushed, taken and dropped',
  async (t) => {
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      return seed % below
    }
    const waiting = new Waiting()
    let list: Message[] = []
    for (let step = 0, number = 1; step < 20_000; step++) {
      // Phases of growth and of decline.
      const grows = step % 400 < 200
      const act = random(10)
      if (act < (grows ? 7 : 3)) {
        const item = message(number++)
        waiting.push(item)
        list.push(item)
      } else if (list.length > 0 && act < 8) {
        if (waiting.shift() !== list.shift()) return void t.fail(`at step ${step}`)
      } else if (list.length > 0) {
        const behind = random(list.length)
        waiting.drop(behind)
        list.splice(behind, 1)
      } else if (act === 9) {
        waiting.clear()
        list = []
      }
      const bytes = list.reduce((sum, item) => sum + item.bytes, 0)
      if (waiting.count !== list.length || waiting.bytes !== bytes) return void t.fail(`at step ${step}`)
    }
    const rest = Array.from({ length: waiting.count }, () => waiting.shift())
    t.same(
      rest.map(({ number }) => number),
      list.map(({ number }) => number),
    )
  },
)
