import type { CallKind, Directory, MethodInfo } from '@hawser/contract'
import { MethodLayout } from '@hawser/wire'
import type { Plan } from './plan.js'

/** A method as it is found by the path of a request. */
export class Route {
  readonly name: string
  /** Absent where the server does not say what it has. */
  readonly info: MethodInfo | undefined
  readonly layout: MethodLayout
  // Requests of one method mostly say the same.
  #key: PlanKey | undefined
  #plan: Plan | undefined

  constructor(name: string, info: MethodInfo | undefined) {
    this.name = name
    this.info = info
    this.layout = new MethodLayout(info?.type)
  }

  get form(): MethodInfo['form'] {
    return this.info?.form ?? 'values'
  }

  /** The plan for requests that say this, made once as long as they do. */
  plan(key: PlanKey, make: (route: Route, key: PlanKey) => Plan): Plan {
    const last = this.#key
    if (
      last &&
      last.contentType === key.contentType &&
      last.accept === key.accept &&
      last.body === key.body &&
      last.oneway === key.oneway
    )
      return this.#plan!
    this.#plan = make(this, key)
    this.#key = key
    return this.#plan
  }
}

/** What a plan goes by. */
export interface PlanKey {
  readonly contentType: string | undefined
  readonly accept: string | undefined
  /** Is there a body, or are there arguments in the query, or neither? */
  readonly body: 'body' | 'query' | 'none'
  readonly oneway: boolean
}

// What a service's methods are called, as against what is registered as a path.
const servicePath = /^\/[^/]*\.[^/]*\/[^/]+$/

/** Finds methods by the paths of requests, byte for byte: nothing is decoded, joined or made plain. */
export class Routes {
  readonly #methods: Directory | undefined
  readonly #mostBytes: number
  readonly #known = new WeakMap<MethodInfo, Route>()

  constructor(methods: Directory | undefined, mostBytes: number) {
    this.#methods = methods
    this.#mostBytes = mostBytes
  }

  find(path: string): Route | undefined {
    if (path.length > this.#mostBytes + 1 || path.charCodeAt(0) !== slash) return undefined
    const methods = this.#methods
    if (!methods) return new Route(servicePath.test(path) ? path.slice(1) : path, undefined)
    // The names of a service's methods are without the slash in front; those with one are all as they are.
    const info = methods.get(path) ?? (path.charCodeAt(1) === slash ? undefined : methods.get(path.slice(1)))
    if (!info) return undefined
    let route = this.#known.get(info)
    if (!route) {
      route = new Route(info.name, info)
      this.#known.set(info, route)
    }
    return route
  }
}

const slash = 0x2f

/** Does a call of this kind take a sequence? */
export function takesItems(kind: CallKind): boolean {
  return kind === 'client-stream' || kind === 'duplex'
}

/** Is a call of this kind answered with a sequence? */
export function givesItems(kind: CallKind): boolean {
  return kind === 'server-stream' || kind === 'duplex'
}
