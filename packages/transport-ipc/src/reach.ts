import { closeSync, constants, openSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fits, longestPath } from './address.js'

/**
 * Runs `use` with a name of the file that fits into a socket address, where its path does not: on Linux the directory can be
 * named by its descriptor. The name holds until `use` returns.
 * @throws TypeError where there is no such name
 */
export function reach<T>(path: string, use: (name: string) => T): T {
  if (fits(path)) return use(path)
  if (process.platform !== 'linux')
    throw new TypeError(
      `The directory ${dirname(path)} is too long for a socket: ${path}, needed for a short time, has over ${longestPath()} bytes`,
    )
  const directory = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    return use(`/proc/self/fd/${directory}/${basename(path)}`)
  } finally {
    closeSync(directory)
  }
}
