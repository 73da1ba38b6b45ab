import type { Upgrade } from './websocket/upgrade.js'

/** How to speak HTTP. */
export interface HttpOptions {
  /**
   * `amrpc`: as AMRPC's own server does, with raw text and raw bytes for the functions of one, and 500 for every failure.
   * Default `default`: argument arrays throughout, and a precise status.
   */
  readonly profile?: 'default' | 'amrpc' | undefined
  /**
   * Origins whose pages may call, as browsers write them: `https://example.com`; or `'*'` for all. Pages of the server's own
   * origin always may. Default: no others.
   */
  readonly origins?: readonly string[] | '*' | undefined
  /**
   * Names by which pages of the server's own origin reach it, without a port: `api.example.com`. Addresses and localhost are
   * known. Of any other name pages may not call, since they can have a name of theirs lead anywhere. Default: none.
   */
  readonly hosts?: readonly string[] | undefined
  /** Let GET and HEAD run methods only that are marked as safe. Default false: the verb is of no account. */
  readonly guardVerbs?: boolean | undefined
  /** Milliseconds a call may take that names no deadline; Infinity: any. Streams have none. Default: the limit `callMs`. */
  readonly timeoutMs?: number | undefined
  /** Calling out: connections at a time to one address, each with one call under way. Default 8. */
  readonly connections?: number | undefined
  /**
   * Calling out: methods of an AMRPC server, by path, that take and return one text, or one piece of bytes, as it is. All others
   * take an array of arguments.
   */
  readonly forms?: Readonly<Record<string, 'text' | 'bytes'>> | undefined
  /** What else a connection can be upgraded to, the first that wants the request. Topics as WebSockets always are there. */
  readonly upgrades?: readonly Upgrade[] | undefined
}

/** The options with nothing left open. */
export interface HttpSettings {
  readonly profile: 'default' | 'amrpc'
  readonly origins: ReadonlySet<string> | '*'
  readonly hosts: ReadonlySet<string>
  readonly guardVerbs: boolean
  readonly timeoutMs: number | undefined
  readonly upgrades: readonly Upgrade[]
}

/** @throws TypeError for options that make no protocol */
export function settingsOf(options: HttpOptions = {}): HttpSettings {
  const {
    profile = 'default',
    origins = [],
    hosts = [],
    guardVerbs = false,
    timeoutMs,
    upgrades = [],
  } = options
  if (profile !== 'default' && profile !== 'amrpc')
    throw new TypeError(`There is no profile ${JSON.stringify(profile)}: default or amrpc`)
  if (timeoutMs !== undefined && !(timeoutMs > 0)) throw new TypeError('timeoutMs must be above 0')
  if (typeof hosts === 'string' || (typeof origins === 'string' && origins !== '*'))
    throw new TypeError(
      "Origins and hosts are lists, as in origins: ['https://example.com'], or '*' for all origins",
    )
  if (origins !== '*')
    for (const origin of origins)
      if (!isOrigin(origin))
        throw new TypeError(
          `An origin is scheme and host, as in https://example.com, unlike ${JSON.stringify(origin)}`,
        )
  for (const host of hosts)
    if (!/^[a-z0-9.-]+$/.test(host))
      throw new TypeError(`A host is a name in lower case without a port, unlike ${JSON.stringify(host)}`)
  return {
    profile,
    origins: origins === '*' ? '*' : new Set(origins),
    hosts: new Set(hosts),
    guardVerbs,
    timeoutMs,
    upgrades,
  }
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text
}
