import { existsSync, readFileSync } from 'node:fs'
import { fromHex, join } from '../bytes.js'

interface CodecVectors {
  readonly good: readonly { readonly hex: string }[]
  readonly bad: readonly { readonly hex: string }[]
}

interface ProtocolVectors {
  readonly preface: string
  readonly frames: readonly { readonly name: string; readonly hex: string }[]
  readonly malformed: readonly {
    readonly to: 'acceptor' | 'opener'
    readonly after: string
    readonly hex: string
  }[]
  readonly conversations: readonly {
    readonly steps: readonly { readonly from: 'acceptor' | 'opener'; readonly hex: string }[]
  }[]
}

/** What one side of a connection says from its beginning. */
export interface Speech {
  readonly from: 'acceptor' | 'opener'
  readonly bytes: Uint8Array
}

/** The inputs of the golden vectors of a codec, good and bad. */
export function codecVectors(codec: string): Uint8Array[] {
  const vectors = read<CodecVectors>(`codec-${codec}`)
  return [...(vectors?.good ?? []), ...(vectors?.bad ?? [])].map(({ hex }) => fromHex(hex))
}

/** The golden vectors of the native protocol, good and malformed. */
export function protocolVectors(): Speech[] {
  const vectors = read<ProtocolVectors>('hawser-1')
  if (!vectors) return []
  const sides = ['opener', 'acceptor'] as const
  const spoken = vectors.conversations.flatMap(({ steps }) =>
    sides.map((from) => ({
      from,
      bytes: join(...steps.filter((step) => step.from === from).map(({ hex }) => fromHex(hex))),
    })),
  )
  const hello = (from: Speech['from']) =>
    fromHex(vectors.frames.find(({ name }) => name === `hello of an ${from}`)?.hex ?? '')
  const malformed = vectors.malformed.map(({ to, after, hex }): Speech => {
    const from = to === 'acceptor' ? 'opener' : 'acceptor'
    const before = [
      after === 'nothing' ? new Uint8Array(0) : fromHex(vectors.preface),
      after === 'hello' ? hello(from) : new Uint8Array(0),
    ]
    return { from, bytes: join(...before, fromHex(hex)) }
  })
  return [...spoken, ...malformed]
}

function read<T>(name: string): T | undefined {
  const file = new URL(`../../../docs/vectors/${name}.json`, import.meta.url)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : undefined
}
