import { type Connection, RpcError } from '@hawser/contract'
import { claim, label, type Outcome } from '../target.js'
import { checkedAnswers, errorLabels } from './answers.js'
import { Attacker } from './attack.js'
import { type Fate, makeCalls } from './calls.js'
import { bytesOf, type Frame, framesOf, kinds, preface } from './frame.js'
import { quiet } from './quiet.js'
import { waited } from './service.js'
import { codecs, World } from './world.js'

const address = 'memory://attacker'
const firstId = 1

/**
 * A stranger answers a client.
 * @param preferred the codec the client offers first: the one the answers were recorded in
 */
export async function attackClient(bytes: Uint8Array, cuts: number, preferred: number): Promise<Outcome> {
  const world = new World({ preferred })
  await world.begin()
  const accepted: Connection[] = []
  const listener = await world.transport.listen(address, (connection) => void accepted.push(connection))
  const calls = makeCalls(world.client, address)
  const fates = new Map<number, Fate>()
  const settling = calls.map((call, index) => call.then((fate) => void fates.set(index, fate)))
  await quiet(world.clock)
  const attacker = new Attacker(accepted[0]!, world.clock)
  await attacker.send(bytes, cuts)
  const went = attacker.ended

  // Whatever became of other calls, the one that nobody has answered yet can still be.
  const honest = !went && silentOnFirst(bytes)
  if (honest) await attacker.send(answerToFirst(preferred), cuts)
  claim(
    !honest || fates.get(0) === 'answered',
    `The first call could not be answered any more: ${fates.get(0)}`,
  )

  await world.unharmed()
  const frames = checkedAnswers(attacker.heard, 'even')
  attacker.connection.abort(new RpcError('cancelled', 'Enough'))
  // Calls that may be sent again are, and find nobody.
  await listener.close()
  for (const connection of accepted.slice(1)) connection.abort(new RpcError('cancelled', 'Enough'))
  await quiet(world.clock)
  if (fates.size < calls.length) await world.clock.advance(5_100)
  await quiet(world.clock)
  const hanging = calls.flatMap((_, index) => (fates.has(index) ? [] : [index]))
  claim(hanging.length === 0, `The calls ${hanging} never settled`)
  await Promise.all(settling)
  await world.end()
  return {
    result: went ? 'client: ended' : 'client: open',
    labels: [
      ...errorLabels(frames),
      ...world.client.counters.keys(),
      ...world.entries.map(({ event, message }) => `${event}: ${label(message)}`),
      ...[...fates.values()].map((fate) => `a call: ${fate}`),
    ].map((text) => `client: ${text}`),
  }
}

/** Did the stranger say only whole frames, and nothing that concerns the first call? */
function silentOnFirst(bytes: Uint8Array): boolean {
  const { frames, rest } = framesOf(bytes.subarray(preface.length))
  const concerns = ({ kind, id }: Frame) => id === firstId || kinds[kind] === 'goaway'
  return rest.length === 0 && kinds[frames[0]?.kind ?? 0] === 'hello' && !frames.some(concerns)
}

function answerToFirst(preferred: number): Uint8Array {
  const body = codecs[preferred]!.encode(waited)
  return bytesOf({ kind: kinds.indexOf('reply'), flags: 0, codec: 0, detail: 0, id: firstId, body })
}
