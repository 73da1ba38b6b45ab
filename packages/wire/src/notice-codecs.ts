import type { Codec, Type } from '@hawser/contract'
import { MethodLayout } from './method-codecs.js'

/** Finds the codec of a notification by its type name. */
export class NoticeCodecs {
  readonly #codecs: ReadonlyMap<string, Codec>
  // A Map, since names come from the other side.
  readonly #layouts: ReadonlyMap<string, MethodLayout>

  /** @throws TypeError for a type that one of the codecs has no layout for */
  constructor(codecs: ReadonlyMap<string, Codec>, types: Readonly<Record<string, Type>> = {}) {
    this.#codecs = codecs
    this.#layouts = new Map(Object.entries(types).map(([name, input]) => [name, new MethodLayout({ input })]))
    for (const layout of this.#layouts.values()) for (const codec of codecs.values()) layout.of(codec)
  }

  /** Undefined where there is no codec of that name. */
  of(type: string, codecName: string): Codec | undefined {
    const codec = this.#codecs.get(codecName)
    return codec && (this.#layouts.get(type)?.of(codec).input ?? codec)
  }
}
