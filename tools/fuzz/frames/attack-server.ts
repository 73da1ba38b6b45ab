import { RpcError } from '@hawser/contract'
import { sameBytes } from '../bytes.js'
import { claim, label, type Outcome } from '../target.js'
import { checkedAnswers, checkedParting, errorLabels, isStrange } from './answers.js'
import { Attacker } from './attack.js'
import { kinds, streamFlag } from './frame.js'
import { quiet } from './quiet.js'
import { waited } from './service.js'
import { codecs, World } from './world.js'

const address = 'memory://attacked'
const lookMs = 1_000

/**
 * A stranger talks to a server.
 * @param checks whether the server takes a moment to let it in
 */
export async function attackServer(bytes: Uint8Array, cuts: number, checks: boolean): Promise<Outcome> {
  const world = new World({ checks })
  await world.begin()
  const good = world.doings.waiting[0]!.connection
  await world.server.listen(address)
  const attacker = new Attacker(await world.transport.dial(address), world.clock)
  await attacker.send(bytes, cuts)
  // What a stranger speaks may take a moment to become clear.
  const strange = isStrange(bytes)
  if (strange) await world.clock.advance(lookMs)

  const wanted = world.doings.waiting.filter((call) => call.connection !== good && call.wanted())
  const went = attacker.ended
  await world.unharmed()
  if (strange) checkedParting(attacker.heard)
  const frames = strange ? [] : checkedAnswers(attacker.heard, 'odd')
  // A fault of one call is that call's alone: those that wait on the same connection are answered all the same.
  if (!went) {
    const answer = codecs.map((codec) => codec.encode(waited))
    const answers = frames.filter(
      ({ kind, flags, body }) =>
        kinds[kind] === 'reply' && !(flags & streamFlag) && answer.some((bytes) => sameBytes(bytes, body)),
    )
    claim(
      answers.length >= wanted.length,
      `${answers.length} of ${wanted.length} calls that waited were answered`,
    )
  }
  attacker.connection.abort(new RpcError('cancelled', 'Enough'))
  await quiet(world.clock)
  await world.end()
  const { counters } = world.server
  return {
    result: went ? 'server: ended' : 'server: open',
    labels: [
      ...errorLabels(frames),
      ...counters.keys(),
      ...world.entries.map(({ event, message }) => `${event}: ${label(message)}`),
    ].map((text) => `server: ${text}`),
  }
}
