import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Package, readJson, type Workspace } from '../workspace.js'
import type { Check } from './check.js'

interface Config {
  readonly references?: readonly { readonly path: string }[]
}

/** A missing reference makes `tsc -b` build in the wrong order, which shows only on a fresh checkout. */
export const references: Check = {
  name: 'references',
  about: 'project references in tsconfig.json follow the dependencies, and the root lists every package',
  run(workspace) {
    const { root, all } = workspace
    const problems = all.flatMap((each) => problemsOf(workspace, each))
    const listed = new Set(referencesOf(root, '.'))
    for (const { path } of all)
      if (built(root, path) && !listed.has(path)) problems.push(`tsconfig.json: does not reference ${path}`)
    return { problems }
  },
}

function problemsOf({ root, all }: Workspace, { path, manifest }: Package): string[] {
  if (!existsSync(join(root, path, 'tsconfig.json')))
    return path.startsWith('packages/') ? [`${path}: has no tsconfig.json`] : []
  if (!built(root, path)) return []
  // What is private builds against its devDependencies as well; what is published must not.
  const names = {
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...(manifest.private && manifest.devDependencies),
  }
  const wanted = all.filter(({ manifest: { name } }) => Object.hasOwn(names, name)).map((each) => each.path)
  const have = referencesOf(root, path)
  return [
    ...wanted
      .filter((each) => !have.includes(each))
      .map((each) => `${path}/tsconfig.json: does not reference ${each}`),
    ...have
      .filter((each) => !wanted.includes(each))
      .map((each) => `${path}/tsconfig.json: references ${each}, no dependency`),
  ]
}

/** Is it part of `tsc -b`? A folder that is only type-checked has `noEmit`. */
function built(root: string, path: string): boolean {
  const config = join(root, path, 'tsconfig.json')
  if (!existsSync(config)) return false
  return readJson<{ compilerOptions?: { noEmit?: boolean } }>(config).compilerOptions?.noEmit !== true
}

function referencesOf(root: string, path: string): string[] {
  const { references = [] } = readJson<Config>(join(root, path, 'tsconfig.json'))
  return references.map((reference) =>
    new URL(reference.path, `file:///${path}/`).pathname.replace(/^\/|\/$/g, ''),
  )
}
