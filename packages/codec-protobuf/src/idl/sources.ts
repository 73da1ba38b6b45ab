import protobufjs from 'protobufjs'
import { checkCost } from './cost.js'
import { plainDefaults } from './defaults.js'
import { descriptor } from './descriptor.js'

/** How sources are found and read. */
export interface ParseOptions {
  /** What the source is called in errors. Default: `input.proto`. */
  readonly name?: string | undefined
  /**
   * The text of an imported file, by its path as it is imported: relative to a common root, with `/`, without `..`. Undefined
   * for a file that there is none of. Those of `google/protobuf/` are there already.
   */
  readonly resolve?: ((path: string) => string | undefined) | undefined
  /** Keys as they are written in the source, instead of their JSON names: `lower_case`, not `lowerCase`. */
  readonly keepCase?: boolean | undefined
}

const mostCharacters = 2 ** 20
const mostImports = 32
const mostFiles = 1024

const segment = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/

// Its declarations leave it out.
const parser = protobufjs.parse as { filename?: string | null }

/** All that a source says, with all that it imports. Throws TypeError. */
export class Sources {
  readonly root: protobufjs.Root = new protobufjs.Root()
  /** Integers that a double would have rounded, by what stands for them in the parsed source. */
  readonly exact: Map<number, bigint> = new Map<number, bigint>()
  readonly #options: ParseOptions
  readonly #done = new Set<string>()

  constructor(options: ParseOptions) {
    this.#options = options
  }

  add(name: string, source: string): void {
    if (!this.#done.has(name)) this.#add(name, source, [])
  }

  /** When all are there. */
  resolve(): void {
    this.root.resolveAll()
  }

  #add(name: string, source: string, importers: readonly string[]): void {
    if (source.length > mostCharacters) throw new TypeError(`${name} is longer than 1 MiB`)
    if (this.#done.size >= mostFiles) throw new TypeError(`${name} is one file more than ${mostFiles}`)
    this.#done.add(name)
    const parsed = this.#parsed(name, source)
    const inner = [...importers, name]
    for (const path of [...(parsed.imports ?? []), ...(parsed.weakImports ?? [])]) this.#import(path, inner)
  }

  #parsed(name: string, source: string): protobufjs.IParserResult {
    try {
      checkCost(source)
      parser.filename = name
      return protobufjs.parse(plainDefaults(source, this.exact), this.root)
    } catch (error) {
      throw failure(name, error)
    } finally {
      // The parser keeps it for itself otherwise, and would name it in the errors of others.
      parser.filename = null
    }
  }

  #import(path: string, importers: readonly string[]): void {
    const importer = importers.at(-1)!
    if (!path.split('/').every((each) => segment.test(each)) || path.length > 1024)
      throw new TypeError(`${importer} imports ${JSON.stringify(path)}, which is no path below a root`)
    if (importers.includes(path)) throw new TypeError(`${importer} imports ${path}, which imports it in turn`)
    if (this.#done.has(path)) return
    if (importers.length > mostImports)
      throw new TypeError(`${path} is imported more than ${mostImports} files deep`)
    const known = protobufjs.common.get(path)
    if (known) {
      this.#done.add(path)
      this.root.addJSON(known.nested ?? {})
      return
    }
    const source = path === descriptor.path ? descriptor.source : this.#options.resolve?.(path)
    if (source === undefined) throw new TypeError(`${importer} imports ${path}, which is not to be found`)
    this.#add(path, source, importers)
  }
}

/** What is wrong, and with which source. */
export function failure(name: string, cause: unknown): TypeError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new TypeError(message.includes(name) ? message : `${name}: ${message}`, { cause })
}
