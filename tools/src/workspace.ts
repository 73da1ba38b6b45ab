import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the tools read of a package.json. */
export interface Manifest {
  readonly name: string
  readonly version?: string
  readonly private?: boolean
  readonly license?: string
  readonly exports?: Readonly<Record<string, { readonly types?: string; readonly default?: string }>>
  readonly bin?: Readonly<Record<string, string>>
  readonly files?: readonly string[]
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** One npm workspace. */
export interface Package {
  /** The folder, from the root, with slashes: `packages/wire`. */
  readonly path: string
  /** The folder's own name: `wire`. */
  readonly role: string
  readonly manifest: Manifest
}

/** The repository, or a fixture that looks like it. */
export interface Workspace {
  readonly root: string
  /** In the order of their paths. */
  readonly all: readonly Package[]
  /** Those under packages/, the published ones. */
  readonly published: readonly Package[]
}

/** This repository. */
export const repository: string = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

const folders = ['packages/*', 'apps/*', 'benchmarks', 'tools']

/** Reads every package.json under the workspace folders of `root`. */
export function readWorkspace(root: string = repository): Workspace {
  const paths = folders.flatMap((folder) => expand(root, folder)).sort()
  const all = paths.map((path) => ({
    path,
    role: path.slice(path.lastIndexOf('/') + 1),
    manifest: readJson<Manifest>(join(root, path, 'package.json')),
  }))
  return { root, all, published: all.filter(({ path }) => path.startsWith('packages/')) }
}

function expand(root: string, folder: string): string[] {
  if (!folder.endsWith('/*')) return existsSync(join(root, folder, 'package.json')) ? [folder] : []
  const parent = folder.slice(0, -2)
  if (!existsSync(join(root, parent))) return []
  return readdirSync(join(root, parent))
    .map((name) => `${parent}/${name}`)
    .filter((path) => existsSync(join(root, path, 'package.json')))
}

/** Parses a JSON file. */
export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T
}

const skipped = new Set(['node_modules', 'dist', '.git', '.tap', '.nx', '.snippets'])

/**
 * The files of a folder that are sources: nothing built, installed or left over by a test run.
 * @returns paths from the root, with slashes, sorted; none when the folder is missing
 */
export function sources(root: string, folder: string, extensions: readonly string[] = ['.ts']): string[] {
  const found: string[] = []
  const folders = existsSync(join(root, folder)) ? [folder] : []
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const entry of readdirSync(join(root, next), { withFileTypes: true })) {
      const path = next === '.' ? entry.name : `${next}/${entry.name}`
      if (entry.isDirectory() && !skipped.has(entry.name)) folders.push(path)
      else if (entry.isFile() && extensions.some((extension) => entry.name.endsWith(extension)))
        found.push(path)
    }
  }
  return found.sort()
}
