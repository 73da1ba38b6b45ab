/** What a subject's `server.ts` exports as `serve`. */
export type Serve = (options: ServeOptions) => Promise<EchoServer>

/** What a subject's `client.ts` exports as `connect`. */
export type Connect = (address: string, options: ConnectOptions) => Promise<EchoClient>

/** How a server is to be started. */
export interface ServeOptions {
  /** Which of the subject's variants; '' for the one that is compared. */
  readonly variant: string
}

/** How a client is to be started. */
export interface ConnectOptions extends ServeOptions {
  /** How many calls the load will keep in flight, for subjects that have to be told. */
  readonly inFlight: number
}

/** A server that answers a string with the same string. */
export interface EchoServer {
  /** Whatever the subject's own client needs to find it, on 127.0.0.1. */
  readonly address: string
}

/** A client with one connection. */
export interface EchoClient {
  echo(text: string): Promise<string>
}
