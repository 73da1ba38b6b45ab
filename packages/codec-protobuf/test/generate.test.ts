import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ServiceType } from '@hawser/contract'
import { type AnyType, resolved, type StructType } from '@hawser/schema'
import t from 'tap'
import { load } from '../src/node.js'
import { generate, parse } from '../src/proto.js'
import { fixtures } from './support/python.js'

// Inside the package, so that the modules find what they import.
const folder = fileURLToPath(new URL(`../.tap/generated-${process.pid}/`, import.meta.url))
const modules = fileURLToPath(new URL('../../../node_modules/.bin/', import.meta.url))
mkdirSync(folder, { recursive: true })
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

/** A type as data, to compare it by. */
function described(type: AnyType, seen: readonly unknown[] = []): unknown {
  const each = resolved(type)
  if (each.kind === 'struct') {
    if (seen.includes(each.name)) return each.name
    return {
      ...each,
      fields: each.fields.map(({ type: of, fallback, ...rest }) => ({
        ...rest,
        fallback: fallback?.(),
        type: described(of, [...seen, each.name]),
      })),
    }
  }
  if (each.kind === 'list') return { ...each, element: described(each.element, seen) }
  return each.kind === 'map'
    ? { ...each, key: described(each.key, seen), value: described(each.value, seen) }
    : each
}

const hostile = `syntax = "proto2"; package x.y; message string { optional string class = 1; optional Map Map = 2; }
message Map { optional bytes b = 1 [default = "'; process.exit(3) //\\n\\u2028\`\${1}"]; optional string s = 2 [default = "'\\\\'; throw 1 //"]; }
message A { message B {} optional B b = 1; } message A_B { repeated A_B each = 1; } message AInput {} enum field { ZERO = 0; }
message list { optional list list = 1; optional double d = 2 [default = -0.0]; optional float f = 3 [default = -inf]; optional double n = 4 [default = nan]; }
service Error { rpc delete(A) returns (stream string); }`

const cases = [
  ['three', load('three.proto', { root: fixtures })],
  ['hostile', parse(hostile)],
  ['empty', parse('')],
] as const

for (const [name, definitions] of cases) {
  const file = join(folder, `${name}.ts`)
  writeFileSync(file, generate(definitions))

  t.test(`${name}: the module says what the .proto says`, async (t) => {
    const made = (await import(pathToFileURL(file).href)) as Record<string, StructType | ServiceType>
    const types = Object.values(made).filter((each) => 'kind' in each) as StructType[]
    const found = Object.fromEntries(types.map((type) => [type.name, described(type)]))
    t.strictSame(
      found,
      Object.fromEntries(
        Object.entries({ ...definitions.types, ...definitions.enumerations }).map(([full, type]) => [
          full,
          described(type),
        ]),
      ),
    )
    const services = Object.values(made).filter((each) => 'methods' in each) as ServiceType[]
    t.strictSame(
      services.map((service) => [
        service.name,
        Object.entries(service.methods).map(([key, { kind }]) => [key, kind]),
      ]),
      Object.values(definitions.services).map((service) => [
        service.name,
        Object.entries(service.methods).map(([key, { kind }]) => [key, kind]),
      ]),
    )
  })
}

t.test(
  'the modules compile under the strictest flags, and their types are those of the values',
  async (t) => {
    writeFileSync(
      join(folder, 'use.ts'),
      `import type { Infer, InferInput } from '@hawser/schema'
import { Choice, Kind, type Maps, Nested, Scalars, Search, Tree } from './three.js'
const tree: InferInput<typeof Tree> = { value: 1, left: { children: [{}] } }
const read = null as unknown as Infer<typeof Scalars>
const long: bigint = read.anInt64
const text: string = read.aString
const maps = null as unknown as Maps
const label: string | undefined = maps.byInt64.get(1n)?.label
const kind: 0 = Kind.values.NONE
const choice: InferInput<typeof Choice> = { number: 1 }
// @ts-expect-error there is no such field
const wrong: InferInput<typeof Nested> = { outer: 1 }
const method: 'server-stream' = Search.methods.Watch.kind
console.info(tree, long, text, label, kind, choice, wrong, method)
`,
    )
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: '../../../../tsconfig.base.json',
        compilerOptions: { composite: false, noEmit: true, incremental: false, rootDir: '.' },
        include: ['*.ts', '../../../../tools/platform/globals.d.ts'],
      }).replace(',"rootDir":"."', ''),
    )
    const compiler = fileURLToPath(new URL('../../../node_modules/typescript/lib/tsc.js', import.meta.url))
    const args = [compiler, '-p', folder, '--pretty', 'false']
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    t.equal(stdout + stderr, '')
    t.equal(status, 0)
  },
)

t.test('the modules give a linter nothing to say', async (t) => {
  const config = join(folder, 'biome.json')
  writeFileSync(
    config,
    JSON.stringify({
      root: true,
      formatter: { enabled: false },
      linter: { rules: { preset: 'recommended' } },
    }),
  )
  const { status, stderr, stdout } = spawnSync(
    join(modules, 'biome'),
    ['lint', `--config-path=${config}`, '--error-on-warnings', 'three.ts', 'hostile.ts'],
    { encoding: 'utf8', cwd: folder },
  )
  t.equal(status, 0, `${stdout}${stderr}`)
})

t.test('the command writes the same, and says what is wrong', async (t) => {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['--import=tsx', main, ...args], { encoding: 'utf8' })
  const out = join(folder, 'command.ts')
  const { status } = run('gen', '--root', fixtures, join(fixtures, 'three.proto'), out)
  t.equal(status, 0)
  t.equal(readFileSync(out, 'utf8'), readFileSync(join(folder, 'three.ts'), 'utf8'))
  t.equal(run('gen').status, 2)
  const missing = run('gen', join(fixtures, 'none.proto'), out)
  t.equal(missing.status, 1)
  t.match(missing.stderr, /none\.proto/)
  t.doesNotThrow(() =>
    execFileSync(process.execPath, ['--check', main.replace('/src/', '/dist/').replace('.ts', '.js')]),
  )
})
