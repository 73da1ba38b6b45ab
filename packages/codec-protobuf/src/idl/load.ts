import { host } from './host.js'
import { type Definitions, definitionsOf } from './parse.js'
import type { ParseOptions } from './sources.js'

/** Where files may be. */
export interface LoadOptions extends Pick<ParseOptions, 'keepCase'> {
  /** The folder that paths and imports start from. Nothing outside it is read, not by a link either. */
  readonly root: string
}

const mostBytes = 2 ** 20

/**
 * The types and services of .proto files and of all that they import.
 * @param paths below `root`
 * @throws TypeError for a file that is not there or not below the root, and as `parse` does
 */
export function load(paths: string | readonly string[], { root, keepCase }: LoadOptions): Definitions {
  const folder = host().files.realpathSync(root)
  const files = (typeof paths === 'string' ? [paths] : paths).map((path) => {
    const source = textOf(folder, path)
    if (source === undefined) throw new TypeError(`There is no ${path} in ${root}`)
    return { name: nameOf(folder, path), source }
  })
  return definitionsOf(files, { keepCase, resolve: (path) => textOf(folder, path) })
}

/** As others import it, so that a file is the same whoever names it. */
function nameOf(folder: string, path: string): string {
  const { paths } = host()
  return paths.relative(folder, paths.resolve(folder, path)).replaceAll(paths.sep, '/')
}

function textOf(folder: string, path: string): string | undefined {
  const { files, paths } = host()
  let real: string
  try {
    real = files.realpathSync(paths.resolve(folder, path))
  } catch {
    return undefined
  }
  const below = paths.relative(folder, real)
  if (below === '..' || below.startsWith(`..${paths.sep}`) || paths.isAbsolute(below))
    throw new TypeError(`${path} is not in ${folder}`)
  const stat = files.statSync(real)
  if (!stat.isFile()) throw new TypeError(`${path} is no file`)
  if (stat.size > mostBytes) throw new TypeError(`${path} is longer than 1 MiB`)
  return files.readFileSync(real, 'utf8')
}
