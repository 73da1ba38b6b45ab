import { type Entry, readCorpus, undecided, writeCorpus } from './corpus.js'
import { minimise } from './minimise.js'
import type { Target } from './target.js'
import { type Find, isFind, type Watch } from './watch.js'

/** What a campaign keeps of its inputs: the shortest for each label that the corpus lacks, and finds. */
export class Collector {
  readonly #target: Target
  readonly #watch: Watch
  readonly #corpus: readonly Entry[]
  readonly #known: ReadonlySet<string>
  readonly #shortest = new Map<string, Uint8Array>()

  constructor(target: Target, watch: Watch) {
    this.#target = target
    this.#watch = watch
    this.#corpus = readCorpus(target.name)
    this.#known = new Set(this.#corpus.map(({ label }) => label))
  }

  /** The inputs kept before. Without the finds, so that the seed and the number of one name the same input again. */
  get inputs(): Uint8Array[] {
    return this.#corpus.filter(({ result }) => result !== undecided).map(({ input }) => input)
  }

  offer(label: string, input: Uint8Array): void {
    if (this.#known.has(label)) return
    const before = this.#shortest.get(label)
    if (!before || input.length < before.length) this.#shortest.set(label, input)
  }

  /** Makes what was offered smaller and adds it to the corpus. Returns how many entries that were. */
  async keep(): Promise<number> {
    const added: Entry[] = []
    for (const [label, input] of this.#shortest) {
      const smaller = await this.#smaller(
        input,
        (outcome) => !isFind(outcome) && outcome.labels.includes(label),
      )
      const outcome = await this.#watch.run(this.#target, smaller)
      if (!isFind(outcome)) added.push({ label, result: outcome.result, input: smaller })
    }
    this.#write(added)
    return added.length
  }

  /** Makes a find smaller and adds it to the corpus. Returns what it has become. */
  async keepFind(name: string, { kind }: Find, input: Uint8Array): Promise<Uint8Array> {
    const smaller = await this.#smaller(input, (outcome) => isFind(outcome) && outcome.kind === kind)
    this.#write([{ label: `find: ${kind} (${name})`, result: undecided, input: smaller }])
    return smaller
  }

  #smaller(
    input: Uint8Array,
    same: (outcome: Awaited<ReturnType<Watch['run']>>) => boolean,
  ): Promise<Uint8Array> {
    const parts = this.#target.parts?.(input) ?? [input]
    return minimise(parts, async (candidate) => same(await this.#watch.run(this.#target, candidate)))
  }

  #write(added: readonly Entry[]): void {
    if (added.length > 0) writeCorpus(this.#target.name, [...this.#corpus, ...added])
  }
}
