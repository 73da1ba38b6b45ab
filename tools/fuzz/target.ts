import type { Random } from './random.js'

/** What became of one input. */
export interface Outcome {
  /** `value`, or `code/reason` of the typed error: what a replay has to find again. */
  readonly result: string
  /** Everything notable that happened on the way, with numbers and quotes left out: the corpus keeps an input for each. */
  readonly labels: readonly string[]
}

/** Something that takes bytes from a stranger. */
export interface Target {
  readonly name: string
  /** Valid inputs to begin with. */
  readonly seeds: readonly Uint8Array[]
  /** Another valid input. */
  generate(random: Random): Uint8Array
  /** Is what it generates put together of parts that need not fit, and so not always valid? */
  readonly wild?: boolean
  /** What its inputs are made of: inserted, and repeated, whole. */
  readonly tokens: readonly Uint8Array[]
  /** Changes that keep more of the structure than those of bytes do. */
  mutate?(input: Uint8Array, random: Random): Uint8Array
  /** What an input is made of, at the coarsest: a smaller one is looked for by leaving parts out. */
  parts?(input: Uint8Array): readonly Uint8Array[]
  /** Says what became of the input. Throws where that is neither a typed error nor a valid value. */
  run(input: Uint8Array): Outcome | Promise<Outcome>
  /** Bytes an input may allocate besides so many times its own length. */
  readonly allowance: number
}

/** A message with what varies left out, what the input itself put into it above all: one kind of refusal has one label. */
export function label(text: string): string {
  return text
    .replace(/(: it began with|There is no method) .*/s, '$1 …')
    .replace(/\b(for|of|header) [a-z0-9\-_.]+(?=$|,| comes)/, '$1 …')
    .replace(/^\S+ (is a) \S+ (method, not) \S+$/, '… $1 … $2 …')
    .replace(/"[^"]*"/g, '"…"')
    .replace(/\d[\d,.]*/g, '#')
    .slice(0, 100)
}

/** @throws Error that says what does not hold */
export function claim(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what)
}
