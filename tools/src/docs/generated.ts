import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { limitTable } from '@hawser/contract'
import type { Workspace } from '../workspace.js'
import { limitsPage } from './limits.js'

/** Every generated file of the repository, by its path. */
export function generatedFiles({ root, published }: Workspace): ReadonlyMap<string, string> {
  const files = new Map([['docs/limits.md', limitsPage(limitTable)]])
  // npm packs only what lies in the package, so each has a copy.
  const licence = readFileSync(join(root, 'LICENSE'), 'utf8')
  for (const { path } of published) files.set(`${path}/LICENSE`, licence)
  return files
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
