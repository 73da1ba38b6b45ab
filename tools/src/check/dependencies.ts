import { builtinModules } from 'node:module'
import { importsOf, packageOf } from '../imports.js'
import { type Package, sources } from '../workspace.js'
import type { Check } from './check.js'

// Of the root's own devDependencies, what every package's tests may use without naming it again.
const shared = new Set(['tap', 'fast-check', 'tsx'])
// Used by being there, never imported.
const ambient = /^@types\//

/** Runs over every workspace, apps and tools included. */
export const dependencies: Check = {
  name: 'dependencies',
  about: 'every import is a declared dependency, and every declared dependency is imported',
  run({ root, all }) {
    return { problems: all.flatMap((each) => problemsOf(root, each)) }
  },
}

function problemsOf(root: string, { path, manifest }: Package): string[] {
  const runtime = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  const development = Object.keys(manifest.devDependencies ?? {})
  const usedBySources = new Set<string>()
  const usedAnywhere = new Set<string>()
  const problems: string[] = []
  for (const file of sources(root, path, ['.ts', '.tsx', '.js', '.mjs'])) {
    // A private package is never installed by anybody, so for it the two kinds of dependency are one.
    const strict = file.startsWith(`${path}/src/`) && !manifest.private
    for (const { specifier, line } of importsOf(root, file)) {
      const name = packageOf(specifier)
      if (name === undefined || name.startsWith('node:')) continue
      if (builtinModules.includes(name)) {
        problems.push(`${file}:${line} imports ${name} without node: in front`)
        continue
      }
      usedAnywhere.add(name)
      if (strict || manifest.private) usedBySources.add(name)
      if (runtime.includes(name) || (name === manifest.name && !strict)) continue
      if (strict) problems.push(`${file}:${line} imports ${name}, which is no dependency of ${path}`)
      else if (!development.includes(name) && !shared.has(name))
        problems.push(`${file}:${line} imports ${name}, which is no dependency or devDependency of ${path}`)
    }
  }
  for (const name of runtime)
    if (!usedBySources.has(name))
      problems.push(`${path}/package.json declares ${name}, which its sources never import`)
  for (const name of development)
    if (!usedAnywhere.has(name) && !ambient.test(name))
      problems.push(`${path}/package.json declares ${name}, which nothing imports`)
  return problems
}
