import { isDeepStrictEqual } from 'node:util'
import { type Manifest, type Package, sources } from '../workspace.js'
import type { Check } from './check.js'

// A third-party runtime dependency appears only where the package's name says so.
const thirdParty: Readonly<Record<string, readonly string[]>> = {
  'transport-ws': ['ws'],
  'protocol-http': ['ws'],
  'codec-msgpack': ['msgpackr'],
  'codec-protobuf': ['protobufjs'],
  // The suites are written for them; whoever runs them has them.
  compliance: ['fast-check', 'tap'],
}

const order = [
  'name',
  'version',
  'description',
  'license',
  'type',
  'engines',
  'sideEffects',
  'exports',
  'bin',
  'files',
  'dependencies',
  'peerDependencies',
  'devDependencies',
  'scripts',
  'tap',
]
const optional = ['bin', 'dependencies', 'peerDependencies', 'devDependencies']

/** A package.json that is like all others needs no reading. */
export const manifests: Check = {
  name: 'manifests',
  about: 'the package.json files under packages/ have the same keys, values and order',
  run({ root, published }) {
    const version = published[0]?.manifest.version
    return { problems: published.flatMap((each) => problemsOf(root, each, version)) }
  },
}

function problemsOf(root: string, { path, role, manifest }: Package, version: string | undefined): string[] {
  const fixed = {
    name: `@hawser/${role}`,
    version,
    license: 'MIT',
    type: 'module',
    engines: { node: '>=20.19.0' },
    sideEffects: false,
    files: ['dist', 'src', 'README.md', 'LICENSE'],
    scripts: { test: 'tap' },
    tap: { extends: '../../.taprc' },
  }
  const problems: string[] = []
  const keys = Object.keys(manifest)
  for (const key of keys) if (!order.includes(key)) problems.push(`the key ${key} is not one the others have`)
  for (const key of order)
    if (!keys.includes(key) && !optional.includes(key)) problems.push(`the key ${key} is missing`)
  const known = keys.filter((key) => order.includes(key))
  if (
    !isDeepStrictEqual(
      known,
      order.filter((key) => keys.includes(key)),
    )
  )
    problems.push(`the order is not ${order.join(', ')}`)
  for (const [key, value] of Object.entries(fixed))
    if (keys.includes(key) && !isDeepStrictEqual(Reflect.get(manifest, key), value))
      problems.push(`${key} should be ${JSON.stringify(value)}`)
  problems.push(...exportProblems(root, path, manifest), ...dependencyProblems(role, manifest, version))
  return problems.map((problem) => `${path}/package.json: ${problem}`)
}

function exportProblems(root: string, path: string, { exports = {} }: Manifest): string[] {
  const problems = Object.entries(exports).flatMap(([subpath, target]) => {
    const base = subpath === '.' ? 'index' : subpath.slice(2)
    const wanted = [`src/${base}.ts`, `src/${base}/index.ts`]
    const source = wanted.find((file) => sources(root, `${path}/src`).includes(`${path}/${file}`))
    if (!source) return [`exports ${subpath}, for which there is no ${wanted[0]}`]
    const built = source.replace(/^src/, './dist').replace(/\.ts$/, '')
    const own = { types: `${built}.d.ts`, default: `${built}.js` }
    // What has an entry for browsers gives it to their bundlers unasked.
    const browser = subpath === '.' ? exports['./browser'] : undefined
    const expected = browser ? { browser, ...own } : own
    return JSON.stringify(target) === JSON.stringify(expected)
      ? []
      : [`the export ${subpath} should be ${JSON.stringify(expected)}`]
  })
  if (Object.keys(exports).length === 0) problems.push('exports nothing')
  return problems
}

function dependencyProblems(role: string, manifest: Manifest, version: string | undefined): string[] {
  const problems: string[] = []
  for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    if (name.startsWith('@hawser/')) {
      if (range !== version) problems.push(`depends on ${name} ${range}, which should be ${version}`)
    } else if (!thirdParty[role]?.includes(name)) problems.push(`${role} may not depend on ${name}`)
  }
  for (const kind of ['dependencies', 'peerDependencies', 'devDependencies'] as const) {
    const names = Object.keys(manifest[kind] ?? {})
    if (!isDeepStrictEqual(names, names.toSorted())) problems.push(`${kind} are not in alphabetical order`)
  }
  return problems
}
