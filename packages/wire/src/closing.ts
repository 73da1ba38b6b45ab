import type { Cancel, RpcError } from '@hawser/contract'
import { cutShortError } from './loss.js'

/** Something that ends some time after it was told to. */
export interface Ending {
  readonly closed: Promise<unknown>
  abort(reason: RpcError): void
}

/**
 * The `close` of every session: it leaves, and waits until all has ended. Who does not wait that long aborts the signal, also
 * before: then what is left is aborted.
 */
export async function closeGracefully(ending: Ending, leave: () => void, { signal }: Cancel): Promise<void> {
  const cutShort = () => ending.abort(cutShortError())
  if (signal?.aborted) cutShort()
  signal?.addEventListener('abort', cutShort, { once: true })
  leave()
  await ending.closed
  signal?.removeEventListener('abort', cutShort)
}
