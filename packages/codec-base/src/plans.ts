/**
 * What is made of each type once, also of a type that holds itself: then what was asked for is not made yet, and the plan
 * that stands in for it finds it later.
 */
export class Plans<T extends object, P> {
  readonly #make: (type: T) => P
  readonly #standIn: (later: () => P) => P
  readonly #making = new Map<T, { plan?: P }>()
  #made = new WeakMap<T & object, { readonly plan: P }>()

  constructor(make: (type: T) => P, standIn: (later: () => P) => P) {
    this.#make = make
    this.#standIn = standIn
  }

  /** Throws what making throws. */
  of(type: T): P {
    const made = this.#made.get(type)
    if (made) return made.plan
    const making = this.#making.get(type)
    if (making) return this.#standIn(() => making.plan!)
    const box: { plan?: P } = {}
    this.#making.set(type, box)
    try {
      const plan = this.#make(type)
      box.plan = plan
      this.#made.set(type, { plan })
      return plan
    } catch (error) {
      // Others may have been made that wait for this one.
      this.#made = new WeakMap()
      throw error
    } finally {
      this.#making.delete(type)
    }
  }
}
