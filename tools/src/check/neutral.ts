import { join } from 'node:path'
import { importsOf } from '../imports.js'
import { tsc } from '../process.js'
import { type Package, sources } from '../workspace.js'
import type { Check } from './check.js'

const neutral = /^(contract|context|wire|schema|server|client|push|middleware|transport-memory|codec-.+)$/

/** What must run in a browser must compile without Node's and the DOM's types. */
export const neutrality: Check = {
  name: 'neutral',
  about: 'the packages that run anywhere import nothing of Node and see neither its types nor the DOM',
  async run({ root, published }) {
    const packages = published.filter(({ role }) => neutral.test(role))
    const found = await Promise.all(packages.map((each) => problemsOf(root, each)))
    return { problems: found.flat() }
  },
}

async function problemsOf(root: string, { path }: Package): Promise<string[]> {
  const problems = sources(root, `${path}/src`)
    .flatMap((file) => importsOf(root, file))
    .filter(({ specifier }) => specifier.startsWith('node:'))
    .map(({ file, line, specifier }) => `${file}:${line} imports ${specifier}`)
  // The compiler knows best which declarations it reads: a dependency may bring Node's along.
  const { status, output } = await tsc(['-p', join(root, path), '--listFilesOnly'])
  if (status !== 0) return [...problems, `${path}/tsconfig.json: ${output.trim()}`]
  if (/\/@types\/node\//.test(output))
    problems.push(`${path}/tsconfig.json: the compilation includes Node's types`)
  if (/\/lib\.dom(\.\w+)*\.d\.ts/.test(output))
    problems.push(`${path}/tsconfig.json: the compilation includes the DOM's types`)
  return problems
}
