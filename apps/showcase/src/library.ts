import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's own texts, by their paths: what the showcase works on. */
export type Library = ReadonlyMap<string, string>

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')
const extensions = /\.(md|ts)$/

/** Reads the documents and the sources of the packages. Throws where there are none. */
export async function readLibrary(): Promise<Library> {
  const packages = await foldersOf('packages')
  const folders = ['.', 'docs', ...packages, ...packages.map((folder) => `${folder}/src`)]
  const paths = (await Promise.all(folders.map(textsOf))).flat().sort()
  if (paths.length === 0) throw new Error('The showcase works on the texts of its repository, and found none')
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(root, path), 'utf8')] as const)),
  )
}

/** All texts as one. */
export function wholeText(library: Library): string {
  return [...library.values()].join('\n')
}

/**
 * A text in pieces, none of which ends inside a character.
 * @param size of a piece at most, in UTF-16 code units; at least 2
 */
export function* piecesOf(text: string, size: number): Generator<{ piece: string }> {
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + size, text.length)
    // The first half of a surrogate pair belongs to the next piece.
    if (end < text.length && /[\uD800-\uDBFF]/.test(text[end - 1]!)) end--
    yield { piece: text.slice(at, end) }
    at = end
  }
}

async function foldersOf(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${folder}/${name}`)
}

async function textsOf(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile() && extensions.test(entry.name))
    .map(({ name }) => (folder === '.' ? name : `${folder}/${name}`))
}
