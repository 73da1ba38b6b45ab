import { join } from 'node:path'
import { run } from '../process.js'
import type { Workspace } from '../workspace.js'

/** A packed package. */
export interface Tarball {
  readonly name: string
  /** The .tgz file. */
  readonly path: string
  /** The files in it, from the package's root. */
  readonly files: readonly string[]
}

interface Packed {
  readonly name: string
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

/**
 * Packs every published package as npm would publish it. They have to be built.
 * @param folder where the tarballs go
 * @throws Error when npm fails
 */
export async function packAll({ root, published }: Workspace, folder: string): Promise<Tarball[]> {
  const args = published.flatMap(({ path }) => ['--workspace', path])
  const flags = ['--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder]
  const { status, output } = await run('npm', ['pack', ...flags, ...args], { cwd: root })
  const start = output.search(/^[[{]/m)
  if (status !== 0 || start < 0) throw new Error(`npm pack failed: ${output.trim()}`)
  // An array, or with newer versions of npm an object keyed by name.
  const packed = Object.values(JSON.parse(output.slice(start))) as Packed[]
  return packed.map(({ name, filename, files }) => ({
    name,
    path: join(folder, filename),
    files: files.map(({ path }) => path),
  }))
}

/** What is wrong with the list of files in a tarball. */
export function contentProblems({ name, files }: Tarball): string[] {
  const problems: string[] = []
  for (const wanted of ['LICENSE', 'README.md', 'package.json'])
    if (!files.includes(wanted)) problems.push(`${name}: its tarball lacks ${wanted}`)
  if (!files.some((file) => file.startsWith('dist/') && file.endsWith('.js')))
    problems.push(`${name}: its tarball has no dist`)
  for (const file of files)
    if (!/^(dist|src)\/|^(LICENSE|README\.md|package\.json)$/.test(file))
      problems.push(`${name}: its tarball has ${file}, which nobody needs`)
  return problems
}
