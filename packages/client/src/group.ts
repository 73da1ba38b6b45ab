import { type Call, type Cancel, type Clock, type Limits, type Peer, RpcError } from '@hawser/contract'
import type { Runtime } from '@hawser/wire'
import { Attempt } from './attempt.js'
import type { CallSink } from './caller.js'
import { Delivery, type Dispatcher, tooManyWait, unreachable } from './delivery.js'
import type { Endpoints } from './destination.js'
import type { EndpointPool } from './endpoint-pool.js'
import type { Member, MemberOwner } from './member.js'
import type { EjectSettings } from './outlier.js'
import { PeerWaits } from './peer-waits.js'
import type { Picker } from './picker.js'
import type { ResolverHost, Watch } from './resolver.js'
import { RetryPolicy } from './retry.js'
import { Roster } from './roster.js'
import type { Carrier } from './route.js'

// While nobody is connected. More would answer no sooner, and one alone may be the one that does not answer.
const dialsAtOnce = 3

/** What a group is made of. */
export interface GroupParts {
  readonly description: Endpoints
  readonly pool: EndpointPool
  readonly runtime: Runtime
  readonly reconnect: boolean
  /** Are calls that failed made again, redirections apart? */
  readonly retry: boolean
}

/** Several addresses that calls are spread over. Nothing is resolved or dialled before the first one. */
export class Group implements Carrier, Dispatcher, MemberOwner, ResolverHost {
  readonly name = 'The service'
  readonly runtime: Runtime
  readonly retries: RetryPolicy
  readonly clock: Clock
  readonly limits: Limits
  readonly eject: EjectSettings | undefined
  readonly latencyDecayMs: number
  readonly #parts: GroupParts
  readonly #picker: Picker
  readonly #waiting = new Set<Delivery>()
  readonly #pausing = new Set<Delivery>()
  readonly #peerWaits = new PeerWaits()
  readonly #roster: Roster
  // Members yet to be dialled for those that wait.
  #round: Member[] | undefined
  #resolveError: RpcError | undefined
  #dialError: RpcError | undefined
  #started = false
  #watch: Watch | undefined
  #closed: RpcError | undefined

  constructor(parts: GroupParts) {
    const { description, runtime } = parts
    this.runtime = runtime
    this.clock = runtime.clock
    this.limits = runtime.limits
    this.eject = description.eject
    this.latencyDecayMs = description.latencyDecayMs
    this.retries = new RetryPolicy(this.clock, this.limits, parts.retry)
    this.#parts = parts
    this.#picker = description.pick(this.clock)
    this.#roster = new Roster(parts.pool, runtime, this)
  }

  /** The codecs that this side and all connected members have; undefined where none is connected. */
  get codecs(): readonly string[] | undefined {
    return this.#roster.codecs
  }

  /** Sends a call. The sink hears of it once, and of no failure that the group recovers from. */
  begin(call: Call, sink: CallSink): void {
    this.retries.counted()
    let member: Member | undefined
    try {
      member = this.#pick(call, undefined)
    } catch (error) {
      sink.gaveUp(notPicked(error))
      return
    }
    if (member) member.carry(call, new Attempt(this, member, call, sink, this.runtime.turn.now()))
    else this.#wait(new Delivery(this, call, sink))
  }

  /** Every attempt recovers by itself: what a sink is told is the end. */
  recover(): boolean {
    return false
  }

  attempt(delivery: Delivery): void {
    if (this.#pausing.delete(delivery)) delivery.goes()
    const { call } = delivery
    let member: Member | undefined
    try {
      member = this.#pick(call, delivery.last)
    } catch (error) {
      delivery.giveUp(notPicked(error))
      return
    }
    if (member) member.carry(call, new Attempt(this, member, call, delivery, this.runtime.turn.now()))
    else this.#wait(delivery)
  }

  pauses(delivery: Delivery): void {
    this.#pausing.add(delivery)
  }

  forget(delivery: Delivery): void {
    this.#waiting.delete(delivery)
    this.#pausing.delete(delivery)
  }

  /** Resolves with the first member whose handshake is done. */
  async connect({ signal }: Cancel): Promise<Peer> {
    signal?.throwIfAborted()
    if (this.#closed) throw this.#closed
    this.#start()
    const there = this.#roster.peer
    if (there) return there
    const peer = this.#peerWaits.wait(signal)
    this.#seek()
    return peer
  }

  /** Takes no more calls. The connections are the client's to close. */
  close(reason: RpcError): void {
    this.#closed = reason
    this.#watch?.close()
    this.#peerWaits.failed(reason)
    for (const each of [...emptied(this.#waiting), ...emptied(this.#pausing)]) each.giveUp(reason)
    this.#roster.clear()
  }

  // ---- ResolverHost ---------------------------------------------------------------------------------------------

  resolved(addresses: readonly string[]): void {
    if (this.#closed) return
    if (!this.#roster.update(addresses)) {
      this.failed(new RpcError('unavailable', 'No address was found'))
      return
    }
    this.#resolveError = undefined
    this.#round = undefined
    this.#again()
    this.#seek()
  }

  failed(error: unknown): void {
    if (this.#closed) return
    this.count('resolve_failed')
    const message = 'The addresses of a service were not found'
    this.runtime.log({ level: 'warn', event: 'resolve_failed', message, error })
    if (this.#roster.members.length > 0) return
    const { message: why } = RpcError.from(error, 'unavailable')
    this.#resolveError = new RpcError('unavailable', `No address of the service is known: ${why}`, {
      reason: 'unreachable',
      executed: 'no',
      cause: error,
    })
    this.#seek()
  }

  // ---- MemberOwner ----------------------------------------------------------------------------------------------

  connected(): void {
    this.#round = undefined
    this.changed()
    this.#roster.agree()
    const { peer } = this.#roster
    if (peer) this.#peerWaits.found(peer)
    this.#again()
  }

  disconnected(): void {
    this.#roster.agree()
    this.#watch?.refresh()
  }

  unreachable(error: RpcError): void {
    this.#dialError = error.with({ executed: 'no', retryable: error.retryable })
    this.#watch?.refresh()
    // Those that had waited for this one wait for another.
    if (this.#picker.sticky) this.#again()
    this.#seek()
  }

  changed(): void {
    this.#roster.changed()
  }

  mayEject(): boolean {
    const { members } = this.#roster
    const ejected = members.filter((member) => member.ejected).length
    return ejected + 1 <= Math.floor(members.length * (this.eject?.mostShare ?? 0))
  }

  speaksAgainst(error: RpcError): boolean {
    try {
      return this.eject?.failure(error) ?? false
    } catch (thrown) {
      const hook = 'failure'
      this.runtime.log({
        level: 'error',
        event: 'hook_failed',
        message: `${hook} threw`,
        hook,
        error: thrown,
      })
      return false
    }
  }

  count(event: string): void {
    this.runtime.count(event)
  }

  // ---- picking --------------------------------------------------------------------------------------------------

  /** A connected member; undefined where the call has to wait for one, which then is being dialled. */
  #pick(call: Call, avoided: Member | undefined): Member | undefined {
    const now = this.runtime.turn.now()
    let usable = this.#roster.usable(now)
    if (avoided && usable.length > 1) usable = usable.filter((member) => member !== avoided)
    if (usable.length === 0) return undefined
    const first = usable.length === 1 ? usable[0]! : this.#picker.pick(usable, call, now)
    if (first.endpoint.connected) return first
    if (this.#picker.sticky && !this.#roster.failOpen) {
      first.endpoint.warm()
      // One that has to let time pass before it is dialled is as good as gone.
      if (first.endpoint.dialing) return undefined
    }
    const connected = usable.filter(({ endpoint }) => endpoint.connected)
    if (connected.length === 0) return undefined
    first.endpoint.warm()
    return this.#picker.pick(connected, call, now)
  }

  // ---- waiting --------------------------------------------------------------------------------------------------

  #start(): void {
    if (this.#started) return
    this.#started = true
    try {
      this.#watch = this.#parts.description.resolve.watch(this)
    } catch (error) {
      this.failed(error)
    }
  }

  #wait(delivery: Delivery): void {
    if (this.#closed) delivery.giveUp(this.#closed)
    else if (this.#waiting.size >= this.limits.waitingCalls) delivery.giveUp(tooManyWait())
    else {
      this.#waiting.add(delivery)
      delivery.waits()
      // One that is cancelled already waits for nothing.
      if (this.#waiting.has(delivery)) this.#seek()
    }
  }

  // Dials for those that wait: a few at a time, until one connects or none is left.
  #seek(): void {
    this.#start()
    if (this.#waiting.size === 0 && this.#peerWaits.size === 0) return
    const { members } = this.#roster
    if (members.length === 0) {
      const error = this.#resolveError
      this.#resolveError = undefined
      if (error && !this.#parts.reconnect) this.#unreached(error)
      else this.#watch?.refresh()
      return
    }
    this.#round ??= this.#roster.shuffled()
    let dialing = members.filter(({ endpoint }) => endpoint.dialing).length
    const most = this.#picker.sticky ? 1 : dialsAtOnce
    while (dialing < most && this.#round.length > 0) {
      const { endpoint } = this.#round.pop()!
      if (endpoint.connecting || endpoint.connected) continue
      endpoint.warm()
      if (endpoint.dialing) dialing++
    }
    const hope = members.some(({ endpoint }) => endpoint.connecting && !endpoint.refusal)
    if (this.#round.length > 0 || hope) return
    this.#round = undefined
    this.#unreached(this.#dialError ?? unreachable(this.name, 'no connection could be made'))
  }

  #unreached(error: RpcError): void {
    this.#peerWaits.failed(error)
    for (const delivery of emptied(this.#waiting)) delivery.unreached(error)
  }

  // Those that wait, picked for once more.
  #again(): void {
    for (const delivery of emptied(this.#waiting)) this.attempt(delivery)
  }
}

// What a picker of the user's throws, its key function for one.
function notPicked(error: unknown): RpcError {
  return RpcError.from(error, 'internal', { executed: 'no' })
}

function emptied(waiting: Set<Delivery>): readonly Delivery[] {
  const deliveries = [...waiting]
  waiting.clear()
  for (const delivery of deliveries) delivery.goes()
  return deliveries
}
