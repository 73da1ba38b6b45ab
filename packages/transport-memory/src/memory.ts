import type { Transport } from '@hawser/contract'
import { DirectLink } from './end.js'
import { type MemoryOptions, transportOver } from './transport.js'

/** A transport inside one process. Connections behave as tcp ones do, backpressure and asynchronous delivery included. */
export function memory(options: MemoryOptions = {}): Transport {
  return transportOver('memory', options, ({ to }) => new DirectLink(to), true)
}
