import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { Terminal } from './terminal.js'

/** How an {@link Output} writes. */
export interface OutputOptions {
  /** For programs: JSON alone, and no colours. */
  readonly json: boolean
  readonly colour: boolean
  readonly verbose: boolean
}

const styles = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const

/** The name of a colour or weight. */
export type Style = keyof typeof styles

const ignore = () => {}

/** What a command says: results on one stream, everything else on the other. */
export class Output {
  readonly json: boolean
  readonly verbose: boolean
  /** Aborted when nobody reads the results any more. */
  readonly unread: AbortSignal
  readonly #terminal: Terminal
  readonly #colour: boolean
  readonly #failed: (error: NodeJS.ErrnoException) => void
  #status = false
  #broken: Error | undefined

  constructor(terminal: Terminal, { json, colour, verbose }: OutputOptions) {
    this.#terminal = terminal
    this.json = json
    this.verbose = verbose
    this.#colour = colour && !json && !terminal.env.NO_COLOR && terminal.env.TERM !== 'dumb'
    const controller = new AbortController()
    this.unread = controller.signal
    // A reader that has what it wants, as `head` does, is no failure.
    this.#failed = (error) => {
      if (error.code !== 'EPIPE') this.#broken = error
      controller.abort()
    }
    terminal.output.on('error', this.#failed)
    terminal.errors.on('error', ignore)
  }

  /** Why the results could not be written, where that is no end like another. */
  get broken(): Error | undefined {
    return this.#broken
  }

  /** Writes a line of results, and waits while nobody reads. */
  async line(text: string): Promise<void> {
    const { output } = this.#terminal
    this.#clear()
    if (this.unread.aborted || !output.writable || output.write(`${text}\n`)) return
    // An end of the stream is told by its error.
    await once(output, 'drain', { signal: this.unread }).catch(() => {})
  }

  /** Writes a line that is no result. */
  note(text: string): void {
    this.#clear()
    this.#terminal.errors.write(`${text}\n`)
  }

  /** Waits until everything is written, and lets go of the streams, which stay open. */
  async close(): Promise<void> {
    const { output, errors } = this.#terminal
    this.#clear()
    // A stream that has failed goes on failing, to nobody's surprise.
    if (this.unread.aborted) return
    await new Promise<void>((written) => output.write('', () => written()))
    if (this.unread.aborted) return
    output.off('error', this.#failed)
    errors.off('error', ignore)
  }

  /** Is there somebody to look at a line that changes? */
  get live(): boolean {
    return this.#terminal.errors.isTTY === true && !this.json
  }

  /** Shows a line that the next one takes the place of; only where somebody looks. */
  status(text: string): void {
    if (!this.live) return
    const columns = this.#terminal.errors.columns || 80
    this.#terminal.errors.write(`\r\u001b[2K${text.slice(0, columns - 1)}`)
    this.#status = true
  }

  /** A text for results, in a style where they go to a terminal. */
  styled(style: Style, text: string): string {
    return this.#paint(this.#terminal.output, style, text)
  }

  /** A text for notes, in a style where they go to a terminal. */
  marked(style: Style, text: string): string {
    return this.#paint(this.#terminal.errors, style, text)
  }

  #paint(stream: Writable & { readonly isTTY?: boolean | undefined }, style: Style, text: string): string {
    return this.#colour && stream.isTTY ? `\u001b[${styles[style]}m${text}\u001b[0m` : text
  }

  #clear(): void {
    if (!this.#status) return
    this.#status = false
    this.#terminal.errors.write('\r\u001b[2K')
  }
}
