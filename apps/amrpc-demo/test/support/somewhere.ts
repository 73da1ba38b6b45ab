import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DemoAddresses } from '../../src/demo.js'

/** Addresses that nobody has. */
export function somewhere(): DemoAddresses {
  const path = join(tmpdir(), `hawser-demo-${randomUUID().slice(0, 8)}.sock`)
  return { tcp: 'tcp://127.0.0.1:0', ipc: `ipc://${path}`, pagePort: 0 }
}
