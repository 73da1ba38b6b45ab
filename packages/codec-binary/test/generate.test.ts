import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Codec } from '@hawser/contract'
import { bool, field, i32, optional, struct } from '@hawser/schema'
import t from 'tap'
import { binary, compact, generate } from '../src/index.js'
import { generatedCodecs } from '../src/runtime.js'
import { generatedFolder } from './support/back-ends.js'

const run = promisify(execFile)
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const from = pathToFileURL(here('fixtures/shop.ts')).href
// As the generated modules import it, or there would be two of each class.
const shop = (await import(from)) as typeof import('./fixtures/shop.js')
const runtime = pathToFileURL(here('../src/runtime.ts')).href
const item = {
  id: '8e3b5c60-0000-4000-8000-0123456789ab',
  flags: new Set([1, -1]),
  sizes: new Map([[1, 0.5]]),
  either: { right: [new shop.NotFound({ key: 7n })] },
  tree: { value: 1, children: [{ value: 2, children: [] }] },
  count: 2 ** 53 - 1,
  sold: true,
}

for (const layout of ['binary', 'compact'] as const) {
  const make = layout === 'binary' ? binary : compact

  t.test(`${layout}: what is generated does what the compiled codec does`, async (t) => {
    const file = join(await generatedFolder(t), 'codecs.ts')
    await writeFile(file, generate(shop, { layout, from, runtime }))
    const module = (await import(pathToFileURL(file).href)) as {
      codecs(options?: object): { Item: Codec; Text: Codec; Flags: Codec }
    }
    const { Item, Text, Flags } = module.codecs()
    const bytes = make().typed(shop.Item).encode(item)
    t.equal(Buffer.compare(Item.encode(item), bytes), 0)
    const found = Item.decode(bytes) as typeof item
    t.strictSame(found, make().typed(shop.Item).decode(bytes))
    t.ok(found.either.right[0] instanceof shop.NotFound)
    t.equal(Item.name, layout)
    t.equal(Text.decode(Text.encode('text')), 'text')
    t.strictSame(Flags.decode(Flags.encode(new Set([true, false]))), new Set([true, false]))
    t.throws(() => module.codecs({ limits: { depth: 1 } }).Item.encode(item), {
      code: 'invalid_argument',
      reason: 'too_deep',
    })
  })

  t.test(`${layout}: what is generated compiles, and gives a linter nothing to say`, async (t) => {
    const folder = await generatedFolder(t)
    await writeFile(
      join(folder, 'codecs.ts'),
      generate(shop, {
        layout,
        from: '../../../test/fixtures/shop.js',
        unknownFields: layout === 'binary' ? 'drop' : 'keep',
      }),
    )
    await writeFile(
      join(folder, 'uses.ts'),
      "import { codecs } from './codecs.js'\n" +
        'const { Item } = codecs()\n' +
        "export const bytes: Uint8Array = Item.encode({ id: '', flags: new Set(), sizes: new Map(), count: 1, sold: true })\n" +
        'export const price: number = Item.decode(bytes).price\n',
    )
    const tsconfig = {
      extends: '../../../../../tsconfig.base.json',
      compilerOptions: { noEmit: true, composite: false, declaration: true, rootDir: '../../..' },
      include: ['*.ts', '../../../../../tools/platform/globals.d.ts'],
    }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
    const bin = (name: string): string => here(`../../../node_modules/.bin/${name}`)
    const compiled = await run(bin('tsc'), ['-p', folder]).catch((error: { stdout: string }) => error)
    t.equal(compiled.stdout, '')
    const config = here('../../../biome.json')
    const linted = await run(bin('biome'), [
      'lint',
      '--error-on-warnings',
      '--vcs-enabled=false',
      `--config-path=${config}`,
      join(folder, 'codecs.ts'),
    ]).catch((error: { stdout: string; stderr: string }) => error)
    t.match(linted.stdout, /Checked 1 file/, linted.stderr)
  })
}

t.test('TH-20 what is generated can keep unknown fields', async (t) => {
  const file = join(await generatedFolder(t), 'codecs.ts')
  await writeFile(
    file,
    generate({ Writer: shop.Writer }, { layout: 'compact', from, runtime, unknownFields: 'keep' }),
  )
  const module = (await import(pathToFileURL(file).href)) as { codecs(): { Writer: Codec } }
  const { Writer } = module.codecs()
  const newer = compact().typed(shop.Item)
  const passedOn = newer.decode(Writer.encode(Writer.decode(newer.encode(item))))
  t.strictSame(passedOn, newer.decode(newer.encode(item)))
})

t.test('what was generated from other types is not loaded', async (t) => {
  const Before = struct('t.T', { a: field(1, i32) })
  const source = generate({ Before }, { layout: 'binary', from: './types.js' })
  const madeFrom = /generatedCodecs\("binary", from, "([0-9a-f]{16})"/.exec(source)![1]!
  const backEnds = { Before: { measure: () => 0, write: () => 0, read: () => 0 } }
  const load = (type: typeof Before): unknown =>
    generatedCodecs('binary', { Before: type }, madeFrom, backEnds, {})
  t.doesNotThrow(() => load(Before))
  for (const other of [
    struct('t.T', { a: field(2, i32) }),
    struct('t.T', { b: field(1, i32) }),
    struct('t.U', { a: field(1, i32) }),
    struct('t.T', { a: field(1, bool) }),
    struct('t.T', { a: field(1, optional(i32)) }),
  ])
    t.throws(() => load(other as typeof Before), TypeError)
})

t.test('names that could be code are refused', async (t) => {
  const options = { layout: 'binary', from: './types.js' } as const
  t.throws(() => generate({ 'a b': i32 }, options), TypeError)
  const hostile = { ...field(1, i32), key: 'a: alert()' }
  t.throws(
    () => generate({ T: { kind: 'struct', name: 't.T', fields: [hostile] } as never }, options),
    TypeError,
  )
  const named = generate({ T: { ...struct('t.T', {}), name: '"; alert(); "' } as never }, options)
  t.notMatch(named, /[^\\]"; alert/)
})
