import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'

/** A certificate and its key, as PEM. */
export interface TestCertificate {
  readonly cert: string
  readonly key: string
  /** Signs another certificate. */
  issue(name: string, options?: TestCertificateOptions): TestCertificate
}

/** What a certificate says besides its name. */
export interface TestCertificateOptions {
  /** DNS names and IPv4 addresses it is good for. Default: its name. */
  readonly hosts?: readonly string[]
  /** Days from now at which it ends; negative for one that has ended. Default 1. */
  readonly days?: number
}

interface Issuer {
  readonly name: string
  readonly privateKey: KeyObject
}

// The few pieces of X.509 (RFC 5280) that a test needs, in DER: no binary to call and no dependency to install.
const tag = { boolean: 1, integer: 2, bits: 3, octets: 4, oid: 6, utf8: 12, time: 24, sequence: 48, set: 49 }
const ecdsaWithSha256 = der(tag.sequence, oid('2a8648ce3d040302'))
const dayMs = 86_400_000

/** An authority for tests, which signs for itself. */
export function testAuthority(name: string = 'Test authority'): TestCertificate {
  return make(name, {}, undefined)
}

function make(name: string, options: TestCertificateOptions, issuer: Issuer | undefined): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const self = { name, privateKey }
  const days = options.days ?? 1
  const hosts = (options.hosts ?? [name]).map((host) =>
    isIPv4(host) ? der(0x87, Uint8Array.from(host.split('.'), Number)) : der(0x82, text(host)),
  )
  const extensions = issuer
    ? extension('551d11', der(tag.sequence, ...hosts))
    : extension('551d13', der(tag.sequence, der(tag.boolean, Uint8Array.of(255))))
  const body = der(
    tag.sequence,
    der(0xa0, der(tag.integer, Uint8Array.of(2))),
    der(
      tag.integer,
      Uint8Array.from({ length: 8 }, () => 1 + Math.floor(Math.random() * 126)),
    ),
    ecdsaWithSha256,
    subject((issuer ?? self).name),
    der(tag.sequence, time((Math.min(days, 0) - 1) * dayMs), time(days * dayMs)),
    subject(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(tag.sequence, extensions)),
  )
  const signature = sign('sha256', body, (issuer ?? self).privateKey)
  return {
    cert: pem(der(tag.sequence, body, ecdsaWithSha256, der(tag.bits, Uint8Array.of(0), signature))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    issue: (issued, issuedOptions = {}) => make(issued, issuedOptions, self),
  }
}

function der(kind: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Uint8Array.of(kind, ...size), ...parts])
}

function oid(hex: string): Uint8Array {
  return der(tag.oid, Buffer.from(hex, 'hex'))
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}

function subject(name: string): Uint8Array {
  return der(tag.sequence, der(tag.set, der(tag.sequence, oid('550403'), der(tag.utf8, text(name)))))
}

function time(fromNowMs: number): Uint8Array {
  const digits = new Date(Date.now() + fromNowMs).toISOString().replace(/[-:T]|\.\d+/g, '')
  return der(tag.time, text(digits))
}

function extension(id: string, value: Uint8Array): Uint8Array {
  return der(tag.sequence, oid(id), der(tag.octets, value))
}

function pem(bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
