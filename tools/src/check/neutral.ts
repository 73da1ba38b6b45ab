import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { importsOf } from '../imports.js'
import { tsc } from '../process.js'
import { sources } from '../workspace.js'
import type { Check } from './check.js'

const neutral =
  /^(contract|context|wire|schema|server|client|client-lite|push|reflection|protocol-json-frame|middleware|transport-memory|transport-worker|codec-.+)$/

// A package for Node.js with an entry for browsers compiles that by itself in here.
const browserProject = 'tsconfig.browser.json'

/** What must run in a browser must compile without Node's and the DOM's types. */
export const neutrality: Check = {
  name: 'neutral',
  about:
    'the packages that run anywhere, and entries for browsers, import nothing of Node and see neither its types nor the DOM',
  async run({ root, published }) {
    const found = await Promise.all(
      published.map(({ path, role }) => {
        if (neutral.test(role)) return problemsOf(root, path, 'tsconfig.json', 'src')
        const project = join(root, path, browserProject)
        return existsSync(project) ? problemsOf(root, path, browserProject, 'src/browser') : []
      }),
    )
    return { problems: found.flat() }
  },
}

async function problemsOf(root: string, path: string, project: string, folder: string): Promise<string[]> {
  const problems = sources(root, `${path}/${folder}`)
    .flatMap((file) => importsOf(root, file))
    .filter(({ specifier }) => specifier.startsWith('node:'))
    .map(({ file, line, specifier }) => `${file}:${line} imports ${specifier}`)
  // The compiler knows best which declarations it reads: a dependency may bring Node's along.
  // The build compiles every tsconfig.json, and nothing else.
  const list = project === browserProject ? '--listFiles' : '--listFilesOnly'
  const { status, output } = await tsc(['-p', join(root, path, project), list])
  const about = `${path}/${project}`
  if (status !== 0) return [...problems, `${about}: ${output.trim()}`]
  if (/\/@types\/node\//.test(output)) problems.push(`${about}: the compilation includes Node's types`)
  if (/\/lib\.dom(\.\w+)*\.d\.ts/.test(output))
    problems.push(`${about}: the compilation includes the DOM's types`)
  return problems
}
