const most = 1_024

/**
 * Names fit to be labels of metrics: those of methods that have answered. A name is whatever a caller says, and a metric for each
 * would be all memory there is.
 */
export class Labels {
  readonly #known = new Set<string>()

  /** The handler of the method has run. */
  add(method: string): void {
    if (this.#known.size < most) this.#known.add(method)
  }

  of(method: string): string {
    return this.#known.has(method) ? method : 'other'
  }
}
