/** Options of {@link reflect}. */
export interface ReflectionOptions {
  /** Is anything registered at all? Default: only where NODE_ENV is `development`. */
  readonly enabled?: boolean | undefined
  /** May peers of other hosts ask, too? Default false: only those of this host. */
  readonly anyone?: boolean | undefined
  /** Are the types of the methods part of the answer? Default false: only their names. */
  readonly schema?: boolean | undefined
  /** Is there `/debug/openapi`, too? Default false. */
  readonly openapi?: boolean | OpenApiInfo | undefined
  /**
   * Is there `/debug/threads`, too, which tells what this returns? `() => [watchLoop().use]` of `@hawser/prefork`, say. Default:
   * no.
   */
  readonly threads?: (() => readonly ThreadUse[]) | undefined
}

/** How busy a thread is. */
export interface ThreadUse {
  readonly name: string
  readonly pid: number
  /** 0 for the main thread of its process. */
  readonly thread: number
  /** The share of the time that its loop does not wait in, from 0 to 1. */
  readonly busy: number
}

/** What an OpenAPI document says of the server as a whole. */
export interface OpenApiInfo {
  /** Default `Hawser`. */
  readonly title?: string | undefined
  /** Of what is served. Default `0`. */
  readonly version?: string | undefined
  readonly description?: string | undefined
}
