import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fencesOf, moduleDocOf } from '../markdown.js'
import { type Package, sources } from '../workspace.js'
import type { Check } from './check.js'

const mostLines = 400

/** Files stay small, and every package says what it is for, twice the same. */
export const files: Check = {
  name: 'files',
  about: `no source file is over ${mostLines} lines, and each package's README begins with the snippet of its module doc`,
  run({ root, all, published }) {
    const long = all.flatMap(({ path }) =>
      sources(root, `${path}/src`)
        .map((file) => ({ file, lines: read(root, file).split('\n').length - 1 }))
        .filter(({ lines }) => lines > mostLines)
        .map(({ file, lines }) => `${file}: has ${lines} lines, ${mostLines} is the most`),
    )
    return { problems: [...long, ...published.flatMap((each) => snippetProblems(root, each))] }
  },
}

function snippetProblems(root: string, { path, manifest }: Package): string[] {
  const readme = `${path}/README.md`
  if (!existsSync(join(root, readme))) return [`${path}: has no README.md`]
  const shown = snippetOf(read(root, readme))
  if (shown === undefined) return [`${readme}: has no ts snippet`]
  // A package with several entries begins its README with the snippet of one of them.
  const entries = Object.keys(manifest.exports ?? {}).map((key) => (key === '.' ? 'index' : key.slice(2)))
  const documented = entries
    .flatMap((entry) => [`${path}/src/${entry}.ts`, `${path}/src/${entry}/index.ts`])
    .filter((file) => existsSync(join(root, file)))
    .map((file) => ({ file, doc: moduleDocOf(read(root, file)) ?? '' }))
    .filter(({ doc }) => snippetOf(doc) !== undefined)
  const [first] = documented
  if (!first) return [`${path}/src: no entry begins with a module doc that has a ts snippet`]
  const problems = documented
    .filter(({ doc }) => !doc.includes('@module'))
    .map(({ file }) => `${file}: the module doc lacks @module`)
  if (!documented.some(({ doc }) => snippetOf(doc) === shown))
    problems.push(`${first.file}: the snippet of the module doc is not the first one of ${readme}`)
  return problems
}

function snippetOf(markdown: string): string | undefined {
  return fencesOf(markdown).find(({ info }) => info[0] === 'ts')?.code
}

function read(root: string, path: string): string {
  return readFileSync(join(root, path), 'utf8')
}
