import { type Client, createClient } from '@hawser/client'
import { type Peer, RpcError } from '@hawser/contract'
import type { Run } from './command.js'
import type { OptionTable } from './options.js'
import { codecNames, codecsFor, fileOf, type Strands, strandsFor, tlsFor, tlsOptions } from './strands.js'
import { UsageError } from './usage-error.js'
import { shown } from './value-text.js'

/** The options of all commands that connect. */
export const linkOptions: OptionTable = {
  codec: { value: 'json|msgpack', about: 'how values are laid out; default json where the server has it' },
  deadline: { value: 'time', about: 'for connecting and the call: 500ms, 30s; default 5s' },
  header: { value: 'key=value', short: 'H', many: true, about: 'a header of the call; may be repeated' },
  'token-file': { value: 'file', about: 'the credential; HAWSER_TOKEN in the environment does, too' },
  ...tlsOptions,
}

const defaultDeadlineMs = 5_000
const closeMs = 500

/** How a command reaches the address it was given. */
export class Link implements AsyncDisposable {
  readonly address: string
  readonly client: Client
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds for connecting and a call; undefined where nothing was said. */
  readonly deadlineMs: number | undefined
  /** What the client logged, the newest last. */
  readonly log: string[] = []
  readonly #run: Run

  /** Lays the strands for an address. Connects nothing yet. @throws UsageError */
  static async to(run: Run, address: string): Promise<Link> {
    return new Link(run, address, await strandsFor(address, tlsFor(run.options)))
  }

  /** See {@link Link.to}. */
  constructor(run: Run, address: string, { transport, protocol }: Strands) {
    const { options, output } = run
    const credential = credentialOf(run)
    this.#run = run
    this.address = address
    this.headers = headersOf(options.texts('header'))
    this.deadlineMs = options.milliseconds('deadline', true)
    this.client = createClient({
      transports: [transport],
      protocol,
      codecs: codecsFor(options.oneOf('codec', codecNames)),
      ...(credential && { credential: () => credential }),
      log: ({ level, event, message }) => {
        if (this.log.push(message) > 100) this.log.shift()
        if (output.verbose) output.note(output.marked('dim', `${level} ${event}: ${shown(message)}`))
      },
    })
  }

  /** The deadline of a call that is answered with one value, in milliseconds. */
  get answerMs(): number {
    return this.deadlineMs ?? defaultDeadlineMs
  }

  /** Connects, or says precisely why not, which a call does not: to it, that is one way of being lost. */
  async connect(): Promise<Peer> {
    const late = AbortSignal.timeout(this.answerMs)
    try {
      return await this.client.connect(this.address, { signal: AbortSignal.any([late, this.#run.signal]) })
    } catch (error) {
      // The transport makes nothing of the address.
      if (RpcError.is(error) && error.cause instanceof TypeError) throw new UsageError(error.message)
      if (RpcError.is(error)) throw error
      const told = { executed: 'no', cause: error } as const
      throw late.aborted
        ? new RpcError('deadline_exceeded', `There was no connection to ${this.address} in time`, {
            reason: 'deadline',
            ...told,
          })
        : new RpcError('cancelled', 'Interrupted', { reason: 'cancelled', ...told })
    }
  }

  /** Nothing is waited for that nobody wants any more. */
  [Symbol.asyncDispose](): Promise<void> {
    const { signal } = this.#run
    return this.client.close({ signal: signal.aborted ? signal : AbortSignal.timeout(closeMs) })
  }
}

// Arguments of a process are seen by everybody on its machine, and kept by shells: a credential is no such thing.
function credentialOf({ options, terminal }: Run): Uint8Array | undefined {
  const token = (fileOf(options, 'token-file') ?? terminal.env.HAWSER_TOKEN)?.trim()
  return token ? new TextEncoder().encode(token) : undefined
}

function headersOf(texts: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>()
  for (const text of texts) {
    const at = text.indexOf('=')
    const key = text.slice(0, at)
    if (at < 1 || !/^[a-z0-9_.-]+$/.test(key))
      throw new UsageError(`--header is key=value, with a key of [a-z0-9-_.], not ${JSON.stringify(text)}`)
    headers.set(key, text.slice(at + 1))
  }
  return Object.fromEntries(headers)
}
