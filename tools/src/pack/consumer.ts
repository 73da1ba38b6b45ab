import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { run, tsc } from '../process.js'
import { type Package, repository, type Workspace } from '../workspace.js'
import type { Tarball } from './tarballs.js'

/** The project of a user who has installed every package. */
export interface Consumer {
  readonly folder: string
  /** Everything that can be imported: each package's entries. */
  readonly specifiers: readonly string[]
  /** The names of its commands. */
  readonly bins: readonly string[]
}

/**
 * Makes a project of nothing but the tarballs and what they depend on.
 * @throws Error when npm fails
 */
export async function installInto(
  folder: string,
  workspace: Workspace,
  tarballs: readonly Tarball[],
): Promise<Consumer> {
  const dependencies = Object.fromEntries(tarballs.map(({ name, path }) => [name, `file:${path}`]))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }))
  const flags = [
    '--prefer-offline',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--legacy-peer-deps',
  ]
  const { status, output } = await run('npm', ['install', ...flags], { cwd: folder })
  if (status !== 0) throw new Error(`npm install failed: ${output.trim()}`)
  // The user brings these along. Links save installing whole trees again.
  const peers = workspace.published.flatMap(({ manifest }) => Object.keys(manifest.peerDependencies ?? {}))
  for (const name of new Set([
    ...peers.filter((peer) => !peer.startsWith('@hawser/')),
    '@types/node',
    '@types/ws',
  ]))
    link(join(repository, 'node_modules', name), join(folder, 'node_modules', name))
  return {
    folder,
    specifiers: workspace.published.flatMap(specifiersOf),
    bins: workspace.published.flatMap(({ manifest }) => Object.keys(manifest.bin ?? {})),
  }
}

function link(target: string, path: string): void {
  if (!existsSync(target) || existsSync(path)) return
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path)
}

function specifiersOf({ manifest }: Package): string[] {
  return Object.keys(manifest.exports ?? {}).map((subpath) => manifest.name + subpath.slice(1))
}

/** Imports everything, once as ESM and once by `require`. */
export async function importProblems({ folder, specifiers }: Consumer): Promise<string[]> {
  writeFileSync(join(folder, 'load.mjs'), loader(specifiers, 'await import', 'import'))
  writeFileSync(join(folder, 'load.cjs'), loader(specifiers, 'require', 'require'))
  const outcomes = await Promise.all(
    ['load.mjs', 'load.cjs'].map((file) => run(process.execPath, [file], { cwd: folder })),
  )
  return outcomes.flatMap(({ status, output }) => {
    const problems = output.split('\n').filter((line) => line.startsWith('FAILED '))
    const told = problems.map((line) => line.slice('FAILED '.length))
    return status === 0 || told.length > 0 ? told : [`the import of all packages fails: ${output.trim()}`]
  })
}

/** Starts every command as it is installed: it has to tell how it is used. */
export async function binProblems({ folder, bins }: Consumer): Promise<string[]> {
  const outcomes = await Promise.all(
    bins.map(async (bin) => ({ bin, ...(await run(join(folder, 'node_modules/.bin', bin), ['--help'])) })),
  )
  return outcomes
    .filter(({ bin, output }) => !output.startsWith(bin))
    .map(({ bin, output }) => `the command ${bin} does not tell how it is used: ${output.trim()}`)
}

function loader(specifiers: readonly string[], load: string, by: string): string {
  const steps = specifiers.map(
    (specifier) => `
try {
  const loaded = ${load}(${JSON.stringify(specifier)})
  if (Object.keys(loaded).length === 0) throw new Error('exports nothing at run time')
} catch (error) {
  process.exitCode = 1
  console.log('FAILED ' + ${JSON.stringify(`${specifier}: ${by}: `)} + String(error).split('\\n')[0])
}`,
  )
  return steps.join('\n')
}

const strictest = {
  module: 'nodenext',
  target: 'es2022',
  lib: ['es2024', 'esnext.disposable'],
  types: ['node'],
  strict: true,
  noEmit: true,
  // Our declarations are what is to be checked, so libraries are not skipped.
  skipLibCheck: false,
}

/** Compiles one ES module and one CommonJS module that import everything. */
export async function typeProblems({ folder, specifiers }: Consumer): Promise<string[]> {
  const names = specifiers.map((_, index) => `all${index}`)
  const esm = specifiers.map((specifier, index) => `import * as ${names[index]} from '${specifier}'`)
  const cjs = specifiers.map((specifier, index) => `import ${names[index]} = require('${specifier}')`)
  writeFileSync(join(folder, 'all.mts'), `${esm.join('\n')}\nexport const all = [${names}]\n`)
  writeFileSync(join(folder, 'all.cts'), `${cjs.join('\n')}\nexport const all = [${names}]\n`)
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: strictest, files: ['all.mts', 'all.cts'] }),
  )
  const { status, output } = await tsc(['-p', folder, '--pretty', 'false'], { cwd: folder })
  const lines = output.split('\n').filter((line) => /error TS/.test(line))
  // Mistakes in the declarations of third parties are not ours.
  const ours = lines.filter(
    (line) => !line.includes('node_modules/') || line.includes('node_modules/@hawser/'),
  )
  return status === 0 || lines.length > 0 ? ours : [output.trim()]
}
