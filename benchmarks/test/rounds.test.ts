import t from 'tap'
import { run } from '../src/rounds.js'
import type { Subject } from '../src/subjects.js'

const subject = (name: string): Subject => ({ name, folder: name, variant: '', packages: [], about: '' })

t.test('a subject that cannot start becomes an error, and the others are measured', async (t) => {
  const told: string[] = []
  const [absent, minimum] = await run(
    {
      subjects: [subject('absent'), subject('minimum')],
      cells: [{ bytes: 64, inFlight: 8 }],
      rounds: 1,
      warmUpSeconds: 0.1,
      seconds: 0.2,
    },
    (text) => told.push(text),
  )
  t.match(absent?.error, /Cannot find module/)
  t.same(absent?.samples, [undefined])
  t.equal(minimum?.error, undefined)
  const [sample] = minimum!.samples
  t.ok(sample!.callsPerSecond > 100)
  t.ok(sample!.p50 > 0 && sample!.p99 >= sample!.p50)
  t.ok(sample!.clientCpu > 0 && sample!.serverCpu > 0)
  t.same(told, ['1/2  round 1  64 B × 8  absent', '2/2  round 1  64 B × 8  minimum'])
})
