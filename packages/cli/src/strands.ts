import { readFileSync } from 'node:fs'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import type { Codec, Dialer, Protocol } from '@hawser/contract'
import { ipc } from '@hawser/transport-ipc'
import { type TlsClientOptions, tcp } from '@hawser/transport-tcp'
import { native, schemeOf } from '@hawser/wire'
import { httpDialer } from './http-dialer.js'
import type { Options, OptionTable } from './options.js'
import { UsageError } from './usage-error.js'

/** What an address is called with. */
export interface Strands {
  readonly transport: Dialer
  readonly protocol: Protocol
}

type Tls = { readonly client: TlsClientOptions }
type Lay = (tls: Tls) => Strands | Promise<Strands>

const overTcp: Lay = (tls) => ({ transport: tcp({ tls }), protocol: native() })
// What speaks HTTP takes as long to load as all the rest: only where it is wanted.
const overWs: Lay = async (tls) => {
  const { ws } = await import('@hawser/transport-ws')
  return { transport: ws({ tls }), protocol: native() }
}
const overHttp: Lay = async (tls) => {
  const { http } = await import('@hawser/protocol-http')
  return { transport: httpDialer(tls.client), protocol: http() }
}

/** The one place that says which scheme means which strands. */
const schemes: Readonly<Record<string, Lay>> = {
  tcp: overTcp,
  tls: overTcp,
  ipc: () => ({ transport: ipc(), protocol: native() }),
  ws: overWs,
  wss: overWs,
  http: overHttp,
  https: overHttp,
}

/** The strands for an address. @throws UsageError for one of a scheme that is not known */
export async function strandsFor(address: string, tls: TlsClientOptions): Promise<Strands> {
  const known = Object.keys(schemes).map((scheme) => `${scheme}://`)
  const example = `an address looks like tcp://127.0.0.1:57000; there are ${known.join(', ')}`
  let scheme: string
  try {
    scheme = schemeOf(address)
  } catch {
    throw new UsageError(`${JSON.stringify(address)} is no address: ${example}`)
  }
  const strands = Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined
  if (!strands) throw new UsageError(`Nothing is known of ${scheme}: addresses: ${example}`)
  return strands({ client: tls })
}

// JSON first: with it, a server that has a schema names fields and enumerations, which MessagePack leaves to the schema.
const codecs: { readonly json: () => Codec; readonly msgpack: () => Codec } = {
  json: () => json(),
  msgpack: () => msgpack(),
}

/** The codecs to offer, the preferred first. */
export function codecsFor(name: keyof typeof codecs | undefined): readonly Codec[] {
  return name === undefined ? [json(), msgpack()] : [codecs[name]()]
}

/** The names of the codecs there are. */
export const codecNames: readonly (keyof typeof codecs)[] = ['json', 'msgpack']

/** The options that say how TLS is done. */
export const tlsOptions: OptionTable = {
  ca: { value: 'file', about: 'trust these authorities (PEM), or this very certificate' },
  cert: { value: 'file', about: 'the certificate to show (PEM), with --key' },
  key: { value: 'file', about: 'its private key (PEM)' },
  servername: { value: 'name', about: "the name the server's certificate is for, if not the host" },
}

/** What they come to. @throws UsageError for a file that cannot be read */
export function tlsFor(options: Options): TlsClientOptions {
  const [ca, cert, key] = ['ca', 'cert', 'key'].map((name) => fileOf(options, name))
  if ((cert === undefined) !== (key === undefined)) throw new UsageError('--cert and --key go together')
  return { ca, cert, key, servername: options.text('servername') }
}

/** The text of the file that an option names. @throws UsageError */
export function fileOf(options: Options, name: string): string | undefined {
  const path = options.text(name)
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`--${name}: ${(error as Error).message}`)
  }
}
