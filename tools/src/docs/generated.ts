import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { limitTable } from '@hawser/contract'
import type { Workspace } from '../workspace.js'
import { limitsPage } from './limits.js'

/** Every generated file of the repository, by its path. */
export function generatedFiles(workspace: Workspace): ReadonlyMap<string, string> {
  const { root, published } = workspace
  const files = new Map([['docs/limits.md', limitsPage(limitTable, looksAt(workspace))]])
  // npm packs only what lies in the package, so each has a copy.
  const licence = readFileSync(join(root, 'LICENSE'), 'utf8')
  for (const { path } of published) files.set(`${path}/LICENSE`, licence)
  return files
}

// Does any package but the contract, which only lists them, name a limit in its sources?
function looksAt({ root, published }: Workspace): (name: string) => boolean {
  const words = new Set<string>()
  for (const { path } of published) {
    const folder = join(root, path, 'src')
    if (path === 'packages/contract' || !existsSync(folder)) continue
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      if (file.endsWith('.ts'))
        for (const [word] of readFileSync(join(folder, file), 'utf8').matchAll(/\w+/g)) words.add(word)
  }
  return (name) => words.has(name)
}

/** Those that are missing or differ from what would be generated now. */
export function staleFiles(workspace: Workspace): string[] {
  return [...generatedFiles(workspace)]
    .filter(([path, text]) => {
      const file = join(workspace.root, path)
      return !existsSync(file) || readFileSync(file, 'utf8') !== text
    })
    .map(([path]) => path)
}

/** Writes the stale ones and returns their paths. */
export function writeGenerated(workspace: Workspace): string[] {
  const stale = staleFiles(workspace)
  const files = generatedFiles(workspace)
  for (const path of stale) writeFileSync(join(workspace.root, path), files.get(path)!)
  return stale
}
