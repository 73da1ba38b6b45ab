import { importsOf, packageOf } from '../imports.js'
import { type Package, sources } from '../workspace.js'
import { arrowsOf } from './arrows.js'
import type { Check } from './check.js'

const scope = '@hawser/'

/** See arrows.ts for the table. */
export const direction: Check = {
  name: 'direction',
  about: 'packages import one another only along the arrows of tools/src/check/arrows.ts',
  run({ root, published }) {
    return { problems: published.flatMap((each) => problemsOf(root, each)) }
  },
}

function problemsOf(root: string, { path, role }: Package): string[] {
  const allowed = arrowsOf(role)
  if (!allowed) return [`${path}: has no line in tools/src/check/arrows.ts`]
  const problems: string[] = []
  for (const file of sources(root, `${path}/src`)) {
    for (const { specifier, line } of importsOf(root, file)) {
      const name = packageOf(specifier)
      if (!name?.startsWith(scope)) {
        if (leaves(file, specifier, `${path}/src`))
          problems.push(`${file}:${line} leaves its package: ${specifier}`)
        continue
      }
      const target = name.slice(scope.length)
      if (target === role) problems.push(`${file}:${line} imports its own package by name`)
      else if (!allowed.some((line) => covers(line, target)))
        problems.push(`${file}:${line} may not import ${name}`)
    }
  }
  return problems
}

// `transport-*` stands for all of them.
function covers(line: string, target: string): boolean {
  return line.endsWith('*') ? target.startsWith(line.slice(0, -1)) : line === target
}

// A relative path could reach around every arrow.
function leaves(file: string, specifier: string, folder: string): boolean {
  if (!specifier.startsWith('.')) return false
  const { pathname } = new URL(specifier, `file:///${file}`)
  return !pathname.startsWith(`/${folder}/`)
}
