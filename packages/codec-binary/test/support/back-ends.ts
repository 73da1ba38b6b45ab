import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Codec } from '@hawser/contract'
import type { AnyType } from '@hawser/schema'
import type { Test } from 'tap'
import { binary, compact, generate, type LayoutName } from '../../src/index.js'

const runtime = pathToFileURL(fileURLToPath(new URL('../../src/runtime.ts', import.meta.url))).href
const registry = Symbol.for('codec-binary test types')

/** The codecs of each type on the three back ends, the one generated ahead of time in a module of its own. */
export async function backEnds(
  t: Test,
  types: readonly AnyType[],
  layout: LayoutName,
): Promise<readonly Readonly<Record<'compiled' | 'interpreted' | 'generated', Codec>>[]> {
  const folder = await generatedFolder(t)
  const named = Object.fromEntries(types.map((type, at) => [`T${at}`, type]))
  Reflect.set(globalThis, registry, named)
  const exports = Object.keys(named).map((name) => `export const ${name} = types.${name}\n`)
  await writeFile(
    join(folder, 'types.ts'),
    `const types = globalThis[Symbol.for('codec-binary test types')]\n${exports.join('')}`,
  )
  await writeFile(join(folder, 'codecs.ts'), generate(named, { layout, from: './types.ts', runtime }))
  const module = (await import(pathToFileURL(join(folder, 'codecs.ts')).href)) as {
    codecs(): Record<string, Codec>
  }
  const generated = module.codecs()
  const make = layout === 'binary' ? binary : compact
  const compiled = make({ backEnd: 'compiled' })
  const interpreted = make({ backEnd: 'interpreted' })
  return types.map((type, at) => ({
    compiled: compiled.typed(type),
    interpreted: interpreted.typed(type),
    generated: generated[`T${at}`]!,
  }))
}

/** A folder in the package, where modules find what it depends on; removed after the test. */
export async function generatedFolder(t: Test): Promise<string> {
  const parent = fileURLToPath(new URL('../../.tap/generated', import.meta.url))
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}
