import { createInterface, type Interface } from 'node:readline'
import { Readable } from 'node:stream'
import { callOnce } from './call.js'
import type { Command, Run } from './command.js'
import { complete } from './completion.js'
import { exitCodes } from './exit-code.js'
import { tell } from './failure.js'
import { checkMethod } from './invoke.js'
import { Link, linkOptions } from './link.js'
import { listOnce } from './list.js'
import { pingOnce } from './ping.js'
import { pullOnce } from './pull.js'
import { type Reflection, reflect } from './reflection.js'
import { UsageError } from './usage-error.js'
import { shown } from './value-text.js'

const help = [
  '/path 1 "two"                     call it with these arguments; or with an array of them',
  'package.Service/method {"a": 1}   call it with this value; @file reads one',
  'list                              what the server has, where it tells',
  'help /path                        the signature of one of these',
  'ping [method]                     ask whether it answers',
  'pull /topic                       print what is published, until Ctrl-C',
  'exit                              leave; Ctrl-D does, too',
  'Tab completes names, Ctrl-C ends what is going on.',
].join('\n')

export const shell: Command = {
  name: 'shell',
  about: 'call line by line, with completion of names',
  usage: '<address>',
  takes: [1, 1],
  options: linkOptions,
  notes: [
    'Its lines:',
    ...help.split('\n').map((line) => `  ${line}`),
    '',
    'Without a terminal it reads lines from the standard input; its exit code is that of the last one.',
  ].join('\n'),
  examples: ['hawser tcp://127.0.0.1:57000', "echo '/add 1 2' | hawser shell tcp://127.0.0.1:57000"],
  async run(run) {
    const [address] = run.options.positionals as [string]
    await using link = await Link.to(run, address)
    try {
      await link.connect()
    } catch (error) {
      return tell(error, run.output, { address, log: link.log, command: 'shell' })
    }
    return await new Shell(run, link).read()
  },
}

const nothing: Reflection = { rpc: new Map(), publish: new Map(), whole: undefined }
const staleMs = 5_000

class Shell {
  readonly #run: Run
  readonly #link: Link
  readonly #lines: Interface
  readonly #terminal: boolean
  // What goes on, for Ctrl-C to end.
  #current: AbortController | undefined
  #known: Promise<Reflection> | undefined
  #knownAt = 0
  #closed = false

  constructor(run: Run, link: Link) {
    const { input, output } = run.terminal
    this.#run = run
    this.#link = link
    this.#terminal = input.isTTY === true && output.isTTY === true
    this.#lines = createInterface({
      input,
      ...(this.#terminal && { output }),
      terminal: this.#terminal,
      prompt: `${link.address}> `,
      completer: (line: string, done: (error: null, found: [string[], string]) => void) => {
        void this.#reflection().then((reflection) => done(null, complete(line, reflection)))
      },
    })
    this.#lines.on('SIGINT', () => this.#interrupted())
    this.#lines.on('close', () => {
      this.#closed = true
    })
    run.signal.addEventListener('abort', () => this.#lines.close(), { once: true })
  }

  /** Reads lines until there are no more, and returns the exit code. */
  async read(): Promise<number> {
    const { output } = this.#run
    let code: number = exitCodes.ok
    if (this.#terminal) output.note(`connected to ${this.#link.address}; help tells what there is`)
    this.#prompt()
    for await (const line of this.#lines) {
      if (/^\s*(exit|quit)\s*$/.test(line)) break
      if (line.trim() !== '') code = await this.#line(line.trim())
      if (this.#run.signal.aborted) break
      this.#prompt()
    }
    this.#lines.close()
    return this.#terminal ? exitCodes.ok : code
  }

  async #line(line: string): Promise<number> {
    const controller = new AbortController()
    this.#current = controller
    const { terminal } = this.#run
    const run: Run = {
      ...this.#run,
      // The lines are read from it.
      terminal: { ...terminal, input: Readable.from([]) },
      signal: AbortSignal.any([this.#run.signal, controller.signal]),
    }
    try {
      return await this.#perform(run, line)
    } catch (error) {
      return tell(error, run.output, { address: this.#link.address, command: 'shell' })
    } finally {
      this.#current = undefined
    }
  }

  async #perform(run: Run, line: string): Promise<number> {
    const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(line) ?? []
    const link = this.#link
    switch (word) {
      case 'help':
        await run.output.line(rest === '' ? help : await this.#signature(rest))
        return exitCodes.ok
      case 'list':
        return await listOnce(run, link)
      case 'ping':
        if (rest !== '') checkMethod(rest)
        return await pingOnce(run, link, rest === '' ? undefined : rest)
      case 'pull':
        return await pullOnce(run, link, rest)
      default:
        if (!word.includes('/')) throw new UsageError(`There is no ${word} here: help tells what there is`)
        return await callOnce(run, link, word, rest === '' ? [] : [rest])
    }
  }

  async #signature(name: string): Promise<string> {
    const { rpc, publish } = await this.#reflection()
    const signature = rpc.get(name) ?? publish.get(name)
    return signature === undefined ? `Nothing is known of ${name}` : `${name}  ${shown(signature)}`
  }

  // Never rejects: completing must not fail.
  #reflection(): Promise<Reflection> {
    const now = performance.now()
    if (!this.#known || now - this.#knownAt > staleMs) {
      this.#knownAt = now
      this.#known = reflect(this.#link, this.#run.signal).catch(() => nothing)
    }
    return this.#known
  }

  #interrupted(): void {
    if (this.#current) this.#current.abort()
    else {
      this.#run.output.note('')
      // What was typed of the line goes.
      this.#lines.write(null, { ctrl: true, name: 'e' })
      this.#lines.write(null, { ctrl: true, name: 'u' })
      this.#prompt()
    }
  }

  #prompt(): void {
    if (this.#terminal && !this.#closed) this.#lines.prompt()
  }
}
