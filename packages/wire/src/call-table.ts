/** What a {@link CallTable} holds. */
export interface Numbered {
  readonly id: number
}

const firstSlots = 64
const mostSlots = 4_096

/**
 * Calls by their id. Ids of one side only rise, and most calls are short, so a ring of slots holds the latest ones and a
 * Map the few that were overtaken by a whole round of the ring. A Map alone would do, but one that is added to and deleted
 * from at every call keeps its discarded tables alive through each other, and the collector busy.
 */
export class CallTable<T extends Numbered> {
  #slots: (T | undefined)[] | undefined
  #inSlots = 0
  #overtaken: Map<number, T> | undefined

  get size(): number {
    return this.#inSlots + (this.#overtaken?.size ?? 0)
  }

  get(id: number): T | undefined {
    const slots = this.#slots
    if (slots === undefined) return undefined
    const call = slots[(id >>> 1) & (slots.length - 1)]
    return call !== undefined && call.id === id ? call : this.#overtaken?.get(id)
  }

  /** Adds a call whose id is not in the table. */
  add(call: T): void {
    this.#slots ??= new Array<undefined>(firstSlots).fill(undefined)
    if (this.#inSlots * 2 >= this.#slots.length && this.#slots.length < mostSlots) this.#grow(this.#slots)
    this.#place(this.#slots, call)
  }

  delete(id: number): boolean {
    const slots = this.#slots
    if (slots === undefined) return false
    const index = (id >>> 1) & (slots.length - 1)
    if (slots[index]?.id !== id) return this.#overtaken?.delete(id) ?? false
    slots[index] = undefined
    this.#inSlots--
    return true
  }

  /** All of them, in the order of their ids; a copy. */
  values(): T[] {
    if (this.size === 0) return []
    const calls = (this.#slots ?? []).filter((call) => call !== undefined)
    return [...calls, ...(this.#overtaken?.values() ?? [])].sort((a, b) => a.id - b.id)
  }

  clear(): void {
    this.#slots = undefined
    this.#inSlots = 0
    this.#overtaken = undefined
  }

  #place(slots: (T | undefined)[], call: T): void {
    const index = (call.id >>> 1) & (slots.length - 1)
    const earlier = slots[index]
    slots[index] = call
    if (earlier === undefined) {
      this.#inSlots++
      return
    }
    this.#overtaken ??= new Map()
    this.#overtaken.set(earlier.id, earlier)
  }

  #grow(slots: readonly (T | undefined)[]): void {
    const calls = slots.filter((call) => call !== undefined)
    this.#slots = new Array<undefined>(slots.length * 2).fill(undefined)
    this.#inSlots = 0
    for (const call of calls) this.#place(this.#slots, call)
  }
}
