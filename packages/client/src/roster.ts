import type { Peer } from '@hawser/contract'
import type { Runtime } from '@hawser/wire'
import type { EndpointPool } from './endpoint-pool.js'
import { Member, type MemberOwner } from './member.js'

/** The members of a group: who they are, and which of them may be picked. */
export class Roster {
  /** In the order of the list of addresses. */
  members: readonly Member[] = []
  /** None may be picked by the rules, so that all may. As of the last {@link usable}. */
  failOpen = false
  /** The codecs that this side and all connected members have; undefined where none is connected. */
  codecs: readonly string[] | undefined
  readonly #pool: EndpointPool
  readonly #runtime: Runtime
  readonly #owner: MemberOwner
  #usable: readonly Member[] = []
  // When that may be otherwise.
  #reviewAt = -Infinity

  constructor(pool: EndpointPool, runtime: Runtime, owner: MemberOwner) {
    this.#pool = pool
    this.#runtime = runtime
    this.#owner = owner
  }

  /** The other end of one that is connected. */
  get peer(): Peer | undefined {
    return this.members.find(({ endpoint }) => endpoint.connected)?.endpoint.peer
  }

  /** Whether any of them may be picked may have changed. */
  changed(): void {
    this.#reviewAt = -Infinity
  }

  /** Those that may be picked: the same array until that changes. */
  usable(now: number): readonly Member[] {
    if (now >= this.#reviewAt) this.#review(now)
    return this.#usable
  }

  /** All of them at random, the last first: those that may be picked anyway. */
  shuffled(): Member[] {
    const { clock } = this.#runtime
    const now = clock.now()
    const ranks = new Map<Member, number>()
    for (const member of this.members) ranks.set(member, clock.random() + (member.usable(now) ? 1 : 0))
    return this.members.toSorted((one, other) => ranks.get(one)! - ranks.get(other)!)
  }

  /** Makes these the addresses. False, and nothing is changed, where none of them is one. */
  update(addresses: readonly string[]): boolean {
    const known = new Map(this.members.map((member) => [member.address, member]))
    const next = [...new Set(addresses)].flatMap((address) => known.get(address) ?? this.#join(address))
    if (next.length === 0) return false
    const kept = new Set(next)
    const gone = this.members.filter((member) => !kept.has(member))
    this.members = next
    for (const member of gone) {
      member.leave()
      this.#pool.release(member.endpoint)
    }
    this.changed()
    this.agree()
    return true
  }

  /** Has no members any more. Their connections are left alone. */
  clear(): void {
    for (const member of this.members) member.leave()
    this.members = []
    this.changed()
  }

  /** Who is connected has changed, and with that what they all take. */
  agree(): void {
    const [first, ...others] = this.members.flatMap(({ endpoint }) =>
      endpoint.connected && endpoint.codecs ? [endpoint.codecs] : [],
    )
    const shared = first?.filter((name) => others.every((codecs) => codecs.includes(name)))
    // The same list for the same codecs: it is asked for with every call.
    if (shared?.join() !== this.codecs?.join()) this.codecs = shared
  }

  #review(now: number): void {
    const usable = this.members.filter((member) => member.usable(now))
    this.failOpen = usable.length === 0
    this.#usable = this.failOpen ? this.members : usable
    this.#reviewAt = this.members.reduce((at, member) => Math.min(at, member.usableAt(now)), Infinity)
  }

  #join(address: string): Member | [] {
    try {
      return new Member(this.#pool.use(address), this.#owner)
    } catch (error) {
      this.#runtime.count('resolve_invalid')
      const message = 'One of the addresses of a service is none'
      this.#runtime.log({ level: 'warn', event: 'resolve_invalid', message, error })
      return []
    }
  }
}
