import { setImmediate } from 'node:timers/promises'
import { textOf } from '../../load.js'
import type { EchoServer, ServeOptions } from '../../subject.js'

/** What publishes, for the publish and stalled runs. */
export interface Publisher {
  /** Where subscribers dial: `tcp` for those that read, `ipc` for those that stall, where there are any. */
  readonly addresses: { readonly tcp: string; readonly ipc?: string }
  readonly subscribers: number
  publish(message: string): void
}

const publishers: Readonly<Record<string, (variant: string) => Promise<Publisher>>> = {
  hawser: async (variant) => (await import('./hawser.js')).publisher(variant),
  'socket.io': async () => (await import('./socket-io.js')).publisher(),
  ws: async (variant) => (await import('./ws.js')).publisher(variant),
}

const message = textOf(100)
const burst = 10

/** `hawser-ws` and the like: what stands in front of the first `-` says whose it is. */
export async function serve({ variant }: ServeOptions): Promise<EchoServer & Record<string, unknown>> {
  const publisher = await publishers[variant.split('-')[0]!]!(variant)
  return {
    address: JSON.stringify(publisher.addresses),
    /** So many messages, one in each turn of the loop. */
    async turns(count: number) {
      for (let sent = 0; sent < count; sent++) {
        publisher.publish(message)
        await setImmediate()
      }
    },
    /** So many messages, ten in each turn. */
    async bursts(count: number) {
      for (let sent = 0; sent < count; sent++) {
        publisher.publish(message)
        if (sent % burst === burst - 1) await setImmediate()
      }
    },
    /** Waits until there are so many subscribers. */
    async joined(count: number) {
      while (publisher.subscribers < count) await setImmediate()
    },
    subscribers: () => Promise.resolve(publisher.subscribers),
  }
}
