import type { Call } from '@hawser/contract'

const most = 1_000

/** Words left under ids, for those who ask or wait for them. Only the latest are kept. */
export class Notes {
  readonly #words = new Map<string, string>()
  readonly #waiting = new Map<string, (word: string) => void>()

  leave(id: string, word: string): void {
    this.#words.set(id, word)
    if (this.#words.size > most) this.#words.delete(this.#words.keys().next().value!)
    this.#waiting.get(id)?.(word)
  }

  /** Rejects with the reason of the call's end, when that comes first. */
  async take(id: string, { signal }: Call): Promise<string> {
    const word = this.#words.get(id)
    if (word !== undefined) return word
    return new Promise<string>((resolve, reject) => {
      const done = () => this.#waiting.delete(id)
      this.#waiting.set(id, (word) => {
        done()
        resolve(word)
      })
      signal.addEventListener('abort', () => done() && reject(signal.reason), { once: true })
    })
  }
}
