import { type Codec, type ProtocolContext, RpcError } from '@hawser/contract'
import { converted, fromBytes, fromText, toBytes } from './forms.js'
import { binType, type MediaTypes } from './media.js'
import { codecOf, type DefaultPlanner, type Plan } from './plan.js'
import { givesItems, type PlanKey, type Route, takesItems } from './route.js'
import { Refusal } from './status.js'

/** AMRPC's three: values, text (JSON too), and bytes with whatever in them. */
type Kind = 'msgpack' | 'text' | 'bin'

const kindOfForm = { values: 'msgpack', text: 'text', bytes: 'bin' } as const

/** Makes plans as AMRPC's own server does. */
export class AmrpcPlanner {
  readonly #context: ProtocolContext
  readonly #types: MediaTypes
  readonly #streams: DefaultPlanner

  constructor(context: ProtocolContext, types: MediaTypes, streams: DefaultPlanner) {
    this.#context = context
    this.#types = types
    this.#streams = streams
  }

  /** @throws Refusal 500, for conversions that there are none of */
  plan(route: Route, key: PlanKey): Plan {
    const kind = route.info?.kind ?? 'unary'
    // AMRPC has no streams over plain HTTP; those who ask for one know more than AMRPC.
    if (givesItems(kind) || takesItems(kind)) return this.#streams.plan(route, key)
    const own = kindOfForm[route.form]
    const came = key.body === 'query' ? 'text' : this.#kindOf(key.contentType)
    const wanted = this.#kindOf(key.accept)
    if (own === 'bin' && wanted !== 'bin') throw noConversion('bin', wanted)
    const bare = key.body === 'none' && key.contentType === undefined
    if (own !== 'bin' && came === 'bin' && !bare) throw noConversion('bin', own)
    const usual = (key.accept ?? '*/*').includes('*/*') ? this.#preferred(route) : undefined
    const answer = wanted === 'text' && own === 'msgpack' ? 'json' : (usual ?? this.#inner(own))
    const json = key.body === 'query' || (own === 'msgpack' && came === 'text')
    const codec = json ? 'json' : bare && own === 'msgpack' ? answer : this.#inner(own)
    return {
      kind: key.oneway ? 'oneway' : kind,
      codec,
      accepts: answer === codec ? undefined : answer,
      lines: false,
      input: this.#input(route, key, came, this.#codec(codec)),
      output: this.#output(route, wanted, this.#codec(answer)),
      answer: 'value',
      type: usual === undefined ? (key.accept ?? binType) : this.#codec(usual).contentType,
    }
  }

  #kindOf(type: string | undefined): Kind {
    const media = type === undefined ? undefined : this.#types.named(type)
    if (media?.kind !== 'codec') return 'bin'
    return media.codec === 'msgpack' ? 'msgpack' : media.codec === 'json' ? 'text' : 'bin'
  }

  // What its method gives those who do not say what they want.
  #preferred({ info, form }: Route): string | undefined {
    const name = form === 'values' ? info?.prefers : undefined
    return name !== undefined && this.#types.ofCodec(name) ? name : undefined
  }

  // What the handler is called in: JSON cannot tell bytes from text.
  #inner(own: Kind): string {
    const preferred = own === 'text' ? 'json' : 'msgpack'
    return this.#types.ofCodec(preferred) ? preferred : this.#types.preferred.codec
  }

  #input(route: Route, { body }: PlanKey, came: Kind, codec: Codec): Plan['input'] {
    // Arguments in the query are an array whatever the function takes.
    if (route.form === 'values' || body === 'query') return undefined
    if (route.form === 'bytes') return fromBytes(route, codec)
    const text = fromText(route, codec)
    if (came !== 'msgpack') return text
    const convert = converted(this.#codec('msgpack'), this.#codec('json'))
    return (body) => text(convert(body))
  }

  #output(route: Route, wanted: Kind, codec: Codec): Plan['output'] {
    const bytes = toBytes(route, codec)
    if (route.form !== 'text' || wanted !== 'msgpack') return bytes
    const convert = converted(this.#codec('json'), this.#codec('msgpack'))
    return (output) => {
      try {
        return convert(bytes!(output))
      } catch (error) {
        throw new RpcError('internal', 'text -> msgpack error: Data cannot be converted', {
          reason: 'bad_payload',
          executed: 'yes',
          cause: error,
        })
      }
    }
  }

  #codec(name: string): Codec {
    return codecOf(this.#context, name)
  }
}

function noConversion(from: Kind, to: Kind): Refusal {
  const message = `${from} -> ${to} error: Data cannot be converted`
  return new Refusal(500, new RpcError('unimplemented', message, { reason: 'no_codec', executed: 'no' }))
}
