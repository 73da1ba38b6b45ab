import { type Headers, type Limits, RpcError } from '@hawser/contract'
import { utf8 } from '@hawser/wire'

/** What the headers of a request say, as far as this protocol goes by them. */
export interface Head {
  readonly contentType: string | undefined
  readonly accept: string | undefined
  readonly encoding: string | undefined
  readonly authorization: string | undefined
  readonly origin: string | undefined
  readonly host: string | undefined
  readonly fetchSite: string | undefined
  readonly agent: string | undefined
  readonly referer: string | undefined
  /** Milliseconds. */
  readonly timeout: number | undefined
  readonly lastEvent: number | undefined
  /** Is the length of the body told by its chunks? */
  readonly chunked: boolean
  readonly probe: boolean
  /** Does the caller not wait for an answer? */
  readonly oneway: boolean
  /** What a browser asks before it lets a page call: the verb and the headers it would like to use. */
  readonly preflight: { readonly verb: string; readonly headers: string | undefined } | undefined
  /** What is passed on. */
  readonly headers: Headers
}

// What concerns this connection, this representation, the browser or a credential, and so not the method.
const kept: ReadonlySet<string> = new Set([
  'access-control-request-headers',
  'access-control-request-method',
  'amrpc_check_enabled',
  'cache-control',
  'connection',
  'cookie',
  'dnt',
  'expect',
  'hawser-numbered',
  'host',
  'http2-settings',
  'keep-alive',
  'last-event-id',
  'origin',
  'pragma',
  'prefer',
  'priority',
  'range',
  'referer',
  'te',
  'timeout-ms',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'upgrade-insecure-requests',
])
const keptFamilies = /^(?:accept|content-|if-|proxy-|sec-)/
// A second one of these would leave open which of them counts.
const single: ReadonlySet<string> = new Set([
  'authorization',
  'content-encoding',
  'content-type',
  'host',
  'origin',
  'timeout-ms',
])
const keyPattern = /^[a-z0-9\-_.]+$/
const timeoutPattern = /^\d{1,10}$/
const numberPattern = /^\d{1,15}$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: what else is not ASCII
const plainText = /^[\x00-\x7f]*$/
const utf8Text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads the headers as they came: an object made of them would have keys of the peer's choosing.
 * @param raw names and values in turn
 * @throws RpcError `resource_exhausted` or `invalid_argument` / `bad_header`, executed: no
 */
export function readHead(raw: readonly string[], limits: Limits): Head {
  let bytes = 0
  for (const text of raw) bytes += text.length
  if (bytes > limits.headerBytes) throw tooMuch(`headers of ${bytes} bytes, over ${limits.headerBytes}`)
  if (raw.length / 2 > limits.headerCount) throw tooMuch(`more than ${limits.headerCount} headers`)
  const all = new Map<string, string>()
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const key = raw[index]!.toLowerCase()
    const value = raw[index + 1]!
    const before = all.get(key)
    if (before !== undefined && single.has(key)) throw badHeader(`the header ${key} comes twice`)
    all.set(key, before === undefined ? value : `${before}, ${value}`)
  }
  return {
    contentType: all.get('content-type'),
    accept: all.get('accept'),
    encoding: all.get('content-encoding'),
    authorization: all.get('authorization'),
    origin: all.get('origin'),
    host: all.get('host'),
    fetchSite: all.get('sec-fetch-site'),
    agent: all.get('user-agent'),
    referer: all.get('referer'),
    timeout: timeoutOf(all.get('timeout-ms')),
    lastEvent: numberOf(all.get('last-event-id')),
    chunked: all.has('transfer-encoding'),
    probe: all.get('amrpc_check_enabled') === '1',
    oneway: all.get('prefer') === 'respond-async',
    preflight: preflightOf(all),
    headers: passedOn(all, limits),
  }
}

function passedOn(all: ReadonlyMap<string, string>, limits: Limits): Headers {
  const headers = new Map<string, string>()
  for (const [key, value] of all) {
    if (kept.has(key) || keptFamilies.test(key) || !keyPattern.test(key)) continue
    if (key.length > limits.headerKeyBytes) throw tooMuch(`a header name of ${key.length} bytes`)
    if (value.length > limits.headerValueBytes)
      throw tooMuch(`a value of ${value.length} bytes for ${key}, over ${limits.headerValueBytes}`)
    headers.set(key, plainText.test(value) ? value : textOf(value))
  }
  return headers
}

// Node reads headers as Latin-1, one character to the byte. What is UTF-8 is meant so.
function textOf(latin1: string): string {
  try {
    return utf8Text.decode(Uint8Array.from(latin1, (character) => character.charCodeAt(0)))
  } catch {
    return latin1
  }
}

function preflightOf(all: ReadonlyMap<string, string>): Head['preflight'] {
  const verb = all.get('access-control-request-method')
  return verb === undefined ? undefined : { verb, headers: all.get('access-control-request-headers') }
}

function timeoutOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!timeoutPattern.test(text)) throw badHeader('timeout-ms is to be a whole number of milliseconds')
  return Number(text)
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && numberPattern.test(text) ? Number(text) : undefined
}

/** Reads the heads of one connection's requests, which mostly say the same: then they are read once. */
export class HeadReader {
  readonly #limits: Limits
  #raw: readonly string[] = []
  #head: Head | undefined
  /** Where among them the length of the body stands, the one value that differs from request to request; 0: nowhere. */
  lengthAt = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  read(raw: readonly string[]): Head {
    if (this.#head && this.#same(raw)) return this.#head
    this.#head = readHead(raw, this.#limits)
    this.#raw = raw
    this.lengthAt = raw.findIndex((name, at) => at % 2 === 0 && name.toLowerCase() === 'content-length') + 1
    return this.#head
  }

  #same(raw: readonly string[]): boolean {
    const last = this.#raw
    if (raw.length !== last.length) return false
    for (let index = 0; index < raw.length; index++)
      if (raw[index] !== last[index] && (index !== this.lengthAt || index === 0)) return false
    return true
  }
}

/**
 * Headers of a reply, as they may be written: names and values in turn, without what is this protocol's own to say.
 * @throws RpcError `internal` / `bad_header` for one that would break out of its line
 */
export function writtenHeaders(headers: Headers): string[] {
  const lines: string[] = []
  for (const [key, value] of headers) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (!keyPattern.test(key) || /[\x00-\x08\x0a-\x1f\x7f]/.test(value))
      throw new RpcError('internal', 'A header of the reply cannot be sent', {
        reason: 'bad_header',
        executed: 'yes',
      })
    if (kept.has(key) || keptFamilies.test(key) || key === 'date' || key === 'set-cookie') continue
    lines.push(key, plainText.test(value) ? value : latin1Of(value))
  }
  return lines
}

function latin1Of(text: string): string {
  return String.fromCharCode(...utf8(text))
}

/** @throws RpcError for a request of HTTP/1.1 that does not say which host it is for */
export function checkHost({ host }: Head, version: string): void {
  if (host === undefined && version !== '1.0') throw badHeader('there is no Host')
}

function badHeader(what: string): RpcError {
  return new RpcError('invalid_argument', `Bad headers: ${what}`, { reason: 'bad_header', executed: 'no' })
}

function tooMuch(what: string): RpcError {
  return new RpcError('resource_exhausted', `Bad headers: ${what}`, {
    reason: 'bad_header',
    executed: 'no',
    retryable: false,
  })
}
