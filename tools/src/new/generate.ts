import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readJson, repository, sources, type Workspace } from '../workspace.js'
import { namesOf } from './names.js'

/** What can be generated. */
export type Kind = 'transport' | 'codec'

export const kinds: readonly Kind[] = ['transport', 'codec']

const suffix = '.template'

/**
 * Makes packages/`kind`-`name` from tools/templates/`kind`, and adds it to the root's project references.
 * @returns the new package's path, from the root
 * @throws TypeError when the name will not do or is taken
 */
export function generate(workspace: Workspace, kind: Kind, name: string): string {
  const names = namesOf(name)
  const path = `packages/${kind}-${names.name}`
  const folder = join(workspace.root, path)
  if (existsSync(folder)) throw new TypeError(`${path} exists already`)
  const version = workspace.published[0]?.manifest.version ?? '0.1.0'
  const words: Readonly<Record<string, string>> = { ...names, version }
  const templates = `tools/templates/${kind}`
  for (const file of sources(repository, templates, [suffix])) {
    const target = join(folder, file.slice(templates.length + 1, -suffix.length))
    mkdirSync(dirname(target), { recursive: true })
    const text = readFileSync(join(repository, file), 'utf8')
    writeFileSync(
      target,
      text.replace(/\{\{(\w+)\}\}/g, (_, word: string) => words[word] ?? fail(file, word)),
    )
  }
  copyFileSync(join(workspace.root, 'LICENSE'), join(folder, 'LICENSE'))
  addReference(workspace.root, path)
  return path
}

function fail(file: string, word: string): never {
  throw new Error(`${file}: there is no {{${word}}}`)
}

interface RootConfig {
  references: { path: string }[]
}

function addReference(root: string, path: string): void {
  const file = join(root, 'tsconfig.json')
  const config = readJson<RootConfig>(file)
  config.references.push({ path })
  config.references.sort((a, b) => (a.path < b.path ? -1 : 1))
  writeFileSync(file, `${JSON.stringify(config, undefined, 2)}\n`)
}
