import { posix } from 'node:path'

/** The parts of `ipc:///absolute/path`, `ipc://relative.sock` and, on Windows, `ipc://./pipe/name`. */
export interface IpcAddress {
  /** `file`: a Unix domain socket. `pipe`: a named pipe of Windows. */
  readonly kind: 'file' | 'pipe'
  /** What the system is given: an absolute path, or `\\.\pipe\name`. */
  readonly path: string
}

// `ipc:./x` and `ipc:../x`, too: what begins with a dot cannot be mistaken for a host.
const pattern = /^ipc:(?:\/\/(.+)|(\.\.?\/.+))$/s
const pipePattern = /^\.\/pipe\/([^\\/]+)$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: a NUL would make an abstract name, a line end forge log lines
const control = /[\u0000-\u001f\u007f]/
const encoder = new TextEncoder()
const longestPipe = 256

/** The most bytes of a path that fit into the system's socket address, less the NUL at its end. */
export function longestPath(platform: NodeJS.Platform = process.platform): number {
  return platform === 'linux' ? 107 : 103
}

/** Does a path fit into a socket address? */
export function fits(path: string): boolean {
  return encoder.encode(path).length <= longestPath()
}

/**
 * Reads an address. What follows `ipc://` is the path, letter for letter: nothing in it is decoded, and there is no query. A
 * path that does not begin with `/` is relative to the working directory, now.
 * @throws TypeError
 */
export function parseAddress(address: string, platform: NodeJS.Platform = process.platform): IpcAddress {
  const match = pattern.exec(address)
  const path = match?.[1] ?? match?.[2]
  if (path === undefined || path.trim() !== path || control.test(path) || !path.isWellFormed())
    throw wrong(address, example(platform))
  if (platform === 'win32') return { kind: 'pipe', path: pipeOf(address, path) }
  if (path.startsWith('@')) throw wrong(address, 'there are no abstract names; ./@name is a file')
  if (/\/\.{0,2}$|^\.\.?$/.test(path)) throw wrong(address, 'it names a directory')
  const absolute = path.startsWith('/') ? path : posix.join(process.cwd(), path)
  const { length } = encoder.encode(absolute)
  const most = longestPath(platform)
  if (length > most) throw wrong(address, `the path ${absolute} has ${length} bytes, ${most} is the most`)
  return { kind: 'file', path: absolute }
}

/** The address as text; that of a relative path names it in full. */
export function formatAddress({ kind, path }: IpcAddress): string {
  return kind === 'file' ? `ipc://${path}` : `ipc://./pipe/${path.slice(pipePrefix.length)}`
}

const pipePrefix = '\\\\.\\pipe\\'

function pipeOf(address: string, path: string): string {
  const name = pipePattern.exec(path)?.[1]
  if (name === undefined) throw wrong(address, example('win32'))
  const pipe = pipePrefix + name
  if (pipe.length > longestPipe)
    throw wrong(address, `the name of the pipe has over ${longestPipe - pipePrefix.length} letters`)
  return pipe
}

function example(platform: NodeJS.Platform): string {
  return platform === 'win32'
    ? 'on Windows it looks like ipc://./pipe/name'
    : 'it looks like ipc:///run/name.sock, ipc://name.sock or ipc:./name.sock'
}

function wrong(address: string, why: string): TypeError {
  return new TypeError(`Not an ipc address: ${JSON.stringify(address)}; ${why}`)
}
