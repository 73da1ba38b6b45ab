import type { Connection, VirtualClock } from '@hawser/contract'
import { join } from '../bytes.js'
import { Random } from '../random.js'
import { quiet } from './quiet.js'

/** The raw end of a connection: sends what it likes, and keeps what it hears. */
export class Attacker {
  readonly connection: Connection
  ended = false
  readonly #heard: Uint8Array[] = []
  readonly #clock: VirtualClock

  constructor(connection: Connection, clock: VirtualClock) {
    this.connection = connection
    this.#clock = clock
    connection.start((bytes) => void this.#heard.push(bytes))
    void connection.closed.then(() => {
      this.ended = true
    })
  }

  get heard(): Uint8Array {
    return join(...this.#heard)
  }

  /** @param cuts decides how the bytes are cut into chunks, and when the other side gets time to act on them */
  async send(bytes: Uint8Array, cuts: number): Promise<void> {
    const random = new Random(cuts)
    // However long, it is sent in hundreds of chunks at the most: sending takes time as well.
    const most = Math.max(random.pick([65_536, 2_000, 100, 7]), Math.ceil(bytes.length / 100))
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + random.small(most)
      this.connection.send(bytes.subarray(at, end))
      at = end
      // Seldom for many small chunks: it is what takes the time.
      if (random.chance(most / 20_000)) await quiet(this.#clock)
    }
    await quiet(this.#clock)
  }
}
