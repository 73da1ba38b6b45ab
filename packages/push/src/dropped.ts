import type { Log } from '@hawser/contract'

interface Held {
  readonly path: string
  readonly log: Log
  readonly over: () => boolean
}

let registry: FinalizationRegistry<Held> | undefined

/**
 * Has it reported when a handle is collected while what it stands for goes on.
 * @param held must not refer to the handle
 */
export function watchDropped(handle: object, held: Held): void {
  registry ??= new FinalizationRegistry<Held>(({ path, log, over }) => {
    if (over()) return
    const message = `A subscription to ${path} goes on, but nobody holds its handle to close it`
    log({ level: 'warn', event: 'puller_dropped', message, method: path })
  })
  registry.register(handle, held)
}

export function inDevelopment(): boolean {
  const { process } = globalThis as { process?: { env?: { readonly NODE_ENV?: string } } }
  return process?.env?.NODE_ENV === 'development'
}
