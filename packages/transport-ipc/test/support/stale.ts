import { linkSync } from 'node:fs'
import { createServer } from 'node:net'

let count = 0

/** Leaves a socket file as a process does that was killed: nobody listens. */
export async function staleAt(path: string): Promise<void> {
  const server = createServer()
  const made = `${path.slice(0, 80)}~${count++}`
  await new Promise<void>((resolve) => server.listen(made, resolve))
  linkSync(made, path)
  await new Promise((resolve) => server.close(resolve))
}
