/** What reading files needs of Node. */
export interface Files {
  readFileSync(path: string, encoding: 'utf8'): string
  realpathSync(path: string): string
  statSync(path: string): { isFile(): boolean; readonly size: number }
  writeFileSync(path: string, text: string): void
}

/** Node's `path`. */
export interface Paths {
  readonly sep: string
  basename(path: string): string
  dirname(path: string): string
  isAbsolute(path: string): boolean
  relative(from: string, to: string): string
  resolve(...parts: string[]): string
}

interface Process {
  readonly argv: readonly string[]
  exitCode?: number
  getBuiltinModule?(name: string): unknown
}

/** The process, and its modules asked for by name, because this package compiles without the types of Node. */
export function host(): { readonly process: Process; readonly files: Files; readonly paths: Paths } {
  const { process } = globalThis as { process?: Process }
  const files = process?.getBuiltinModule?.('node:fs') as Files | undefined
  const paths = process?.getBuiltinModule?.('node:path') as Paths | undefined
  if (!process || !files || !paths)
    throw new TypeError('Files can be read in Node only; give their texts to parse')
  return { process, files, paths }
}
