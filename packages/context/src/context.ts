import type { Call } from '@hawser/contract'

/** The part of Node's AsyncLocalStorage that is used here; Bun and Deno have it too, browsers do not. */
interface Storage {
  getStore(): Call | undefined
  run<A extends unknown[], R>(call: Call, run: (...args: A) => R, ...args: A): R
}

interface Host {
  process?: {
    getBuiltinModule?: (name: string) => { readonly AsyncLocalStorage?: new () => Storage } | undefined
  }
}

// One storage for every installed copy of this package: a server of one copy and a client of another share their calls.
const key = Symbol.for('hawser.context')
let storage: Storage | undefined | null = null

function find(): Storage | undefined {
  if (storage !== null) return storage
  const shared = globalThis as Host & { [key]?: Storage }
  let found = shared[key]
  if (!found) {
    const AsyncLocalStorage = shared.process?.getBuiltinModule?.('node:async_hooks')?.AsyncLocalStorage
    found = AsyncLocalStorage && new AsyncLocalStorage()
    if (found) shared[key] = found
  }
  storage = found
  return found
}

/** Whether calls can be followed here; where not, `with({ parent: call })` does the same by hand. */
export function supportsContext(): boolean {
  return find() !== undefined
}

/** The call that the running code belongs to; undefined outside of any, and where calls cannot be followed. */
export function currentCall(): Call | undefined {
  return find()?.getStore()
}

/** Runs a function so that it, and all it starts, belongs to the call. */
export function runInCall<A extends unknown[], R>(call: Call, run: (...args: A) => R, ...args: A): R {
  const storage = find()
  return storage ? storage.run(call, run, ...args) : run(...args)
}
