import { connect as dial, type NetConnectOpts, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { inBatches } from '../../batches.js'
import type { ConnectOptions, EchoClient } from '../../subject.js'
import { type Opening, openings } from './openings.js'
import type { Publisher } from './server.js'

type Tasks = Record<'subscribe' | 'stall' | 'received', (count: number) => Promise<void>> & {
  settled(milliseconds: number): Promise<Extremes>
}

/** Bytes that one subscriber has got, at the least and at the most. */
export interface Extremes {
  readonly least: number
  readonly most: number
}

/**
 * Subscribers as light as can be, the same for all: sockets that say what has to be said to become subscribers, and then count
 * bytes. What is measured is the publisher.
 */
export async function connect(served: string, { variant }: ConnectOptions): Promise<EchoClient & Tasks> {
  const addresses = JSON.parse(served) as Publisher['addresses']
  const opening = openings(variant)
  const counter = new Counter()
  return {
    echo: () => Promise.reject(new Error('subscribers make no calls')),
    subscribe: (count) =>
      inBatches(
        count,
        async () => void (await open(optionsOf(addresses.tcp), opening, counter.subscriber())),
      ),
    /** Subscribers that read nothing once they are. */
    stall: (count) =>
      inBatches(count, async () => {
        const socket = await open(optionsOf(addresses.ipc!), opening, () => {})
        socket.pause()
      }),
    settled: (milliseconds) => counter.settled(milliseconds),
    received: (bytes) => counter.received(bytes),
  }
}

// One block for all sockets: what is read is counted and forgotten.
const buffer = Buffer.alloc(65_536)

function open(
  where: NetConnectOpts,
  [first, second]: Opening,
  count: (bytes: number) => void,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let answered = false
    const callback = (bytes: number) => {
      count(bytes)
      if (!answered) {
        answered = true
        if (second) socket.write(second)
        resolve(socket)
      }
      return true
    }
    const socket: Socket = dial({ ...where, noDelay: true, onread: { buffer, callback } } as NetConnectOpts)
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the publisher closed a subscriber')))
    socket.write(first)
  })
}

function optionsOf(address: string): NetConnectOpts {
  if (address.startsWith('/')) return { path: address }
  const [host, port] = address.split(':')
  return { host: host!, port: Number(port) }
}

class Counter {
  #each: number[] = []
  #total = 0
  #wanted = Infinity
  #done: (() => void) | undefined

  /** Returns what to tell of the bytes that this one gets. */
  subscriber(): (bytes: number) => void {
    const index = this.#each.push(0) - 1
    return (bytes) => {
      this.#each[index]! += bytes
      this.#total += bytes
      if (this.#total >= this.#wanted) this.#done?.()
    }
  }

  /** Waits until nothing comes for so long; counts from 0 again. */
  async settled(milliseconds: number): Promise<Extremes> {
    for (let before = -1; before !== this.#total; ) {
      before = this.#total
      await setTimeout(milliseconds)
    }
    const extremes = { least: Math.min(...this.#each), most: Math.max(...this.#each) }
    this.#each.fill(0)
    this.#total = 0
    return extremes
  }

  /** Waits until all of them together have got so many bytes since they settled, and counts from 0 again. */
  async received(bytes: number): Promise<void> {
    if (this.#total < bytes) {
      this.#wanted = bytes
      await new Promise<void>((resolve) => {
        this.#done = resolve
      })
      this.#wanted = Infinity
    }
    if (this.#total > bytes) throw new Error(`${this.#total} bytes came instead of ${bytes}`)
    this.#each.fill(0)
    this.#total = 0
  }
}
