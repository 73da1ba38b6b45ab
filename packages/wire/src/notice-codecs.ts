import type { Codec, Type } from '@hawser/contract'
import { MethodLayout } from './method-codecs.js'

/** Finds the codec of a notification by its type name. */
export class NoticeCodecs {
  readonly #codecs: ReadonlyMap<string, Codec>
  // A Map, since names come from the other side.
  readonly #layouts: ReadonlyMap<string, MethodLayout>
  readonly #untyped = new MethodLayout()

  /** @throws TypeError for a type that none of the codecs has a layout for */
  constructor(codecs: ReadonlyMap<string, Codec>, types: Readonly<Record<string, Type>> = {}) {
    this.#codecs = codecs
    this.#layouts = new Map(Object.entries(types).map(([name, input]) => [name, new MethodLayout({ input })]))
    const all = [...codecs.values()]
    for (const layout of this.#layouts.values())
      if (!all.some((codec) => layout.fits(codec))) layout.of(all[0]!)
  }

  /** Of these codecs, the preferred first, the one to send it in; undefined where there is none of them here. */
  pick(type: string, names: readonly string[]): Codec | undefined {
    const codecs = names.flatMap((name) => this.#codecs.get(name) ?? [])
    const layout = this.#layouts.get(type) ?? this.#untyped
    const codec = codecs.find((each) => layout.fits(each))
    // Where none fits, what it says of the value is the error that its sender gets.
    return codec ? layout.of(codec).input : codecs[0]
  }

  /** The one it was sent in; undefined where there is none of that name. */
  of(type: string, codecName: string): Codec | undefined {
    const codec = this.#codecs.get(codecName)
    const layout = this.#layouts.get(type)
    return codec && layout?.fits(codec) ? layout.of(codec).input : codec
  }
}
