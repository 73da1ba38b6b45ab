import { textOf } from '../../load.js'
import type { Records } from './service.js'

export type Payload = Uint8Array | Records['records']
export type Echo = (payload: Payload) => Promise<Payload>

const size = 1024 * 1024

/** 1 MiB in two shapes: plain bytes, and 1,024 records of about 1 KiB. */
export const payloads: Readonly<Record<string, () => Payload>> = {
  bytes: () => new Uint8Array(size).fill(7),
  object: () =>
    Array.from({ length: size / 1024 }, (_, id) => ({
      id,
      name: `record ${id}`,
      tags: ['one', 'two'],
      text: textOf(920),
    })),
}
