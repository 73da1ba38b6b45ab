import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

const run = promisify(execFile)
const folderOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const tsc = folderOf('../../../node_modules/typescript/lib/tsc.js')

const parts = 20
const methodsEach = 50
// What the compiler makes of generics, for each method and its two structs; the same on every machine, unlike time.
const mostInstantiations = 1700

const kinds = ['unary', 'unary', 'unary', 'serverStream', 'unary', 'unary', 'clientStream', 'unary', 'duplex']
const ask = `{ id: 1n, name: 'x', tags: [] }`

const typesOf = (i: number): string => `const Ask${i} = struct('big.Ask${i}', {
  id: field(1, i64), name: field(2, string), limit: field(3, withDefault(i32, 10)), tags: field(4, list(string)),
  where: field(5, optional(map(string, double))),
})
const Answer${i} = struct('big.Answer${i}', {
  id: field(1, i64), count${i}: field(2, i32), ask: field(3, Ask${i}), more: field(4, optional(list(Ask${i}))),
})`

const handlers: Readonly<Record<string, (i: number, answer: string) => string>> = {
  unary: (i, answer) => `m${i}: (ask) => (${answer}),`,
  serverStream: (i, answer) => `async *m${i}(ask) { yield ${answer} },`,
  clientStream: (i, answer) =>
    `async m${i}(asks) { for await (const ask of asks) return ${answer}; throw new Error() },`,
  duplex: (i, answer) => `async *m${i}(asks) { for await (const ask of asks) yield ${answer} },`,
}

const calls: Readonly<Record<string, (i: number) => string>> = {
  unary: (i) => `numbers.push((await stub.m${i}(${ask})).count${i})`,
  serverStream: (i) => `for await (const answer of stub.m${i}(${ask})) numbers.push(answer.count${i})`,
  clientStream: (i) => `numbers.push((await stub.m${i}([${ask}])).count${i})`,
  duplex: (i) => `for await (const answer of stub.m${i}([${ask}])) numbers.push(answer.count${i})`,
}

/** A part of the contract, as its author would write it: types, methods, their handlers, and calls of them. */
function partOf(part: number): string {
  const indices = Array.from({ length: methodsEach }, (_, i) => part * methodsEach + i)
  const kindOf = (i: number): string => kinds[i % kinds.length]!
  const lines = (line: (i: number) => string): string => indices.map((i) => `  ${line(i)}`).join('\n')
  return `import type { Stub } from '@hawser/client'
import { clientStream, double, duplex, field, i32, i64, list, map, optional, serverStream, string, struct, unary, withDefault } from '@hawser/schema'
import type { ServiceHandlers } from '@hawser/server'

${indices.map(typesOf).join('\n')}
export const methods = {
${lines((i) => `m${i}: ${kindOf(i)}(Ask${i}, Answer${i}),`)}
}
export const handlers: ServiceHandlers<typeof methods> = {
${lines((i) => handlers[kindOf(i)]!(i, `{ id: ask.id, count${i}: ask.limit, ask }`))}
}
export async function calls(stub: Stub<typeof methods>) {
  const numbers: number[] = []
${lines((i) => calls[kindOf(i)]!(i))}
  return numbers
}
`
}

/** All parts as one service, served and called. */
function whole(): string {
  const indices = Array.from({ length: parts }, (_, part) => part)
  const spread = (name: string): string => indices.map((part) => `...part${part}.${name}`).join(', ')
  return `import { callsThrough } from '@hawser/client'
import { service } from '@hawser/schema'
import { createServer } from '@hawser/server'
${indices.map((part) => `import * as part${part} from './part${part}.js'`).join('\n')}

const Big = service('big.Big', { ${spread('methods')} })
const server = createServer({ codecs: [] })
server.implement(Big, { ${spread('handlers')} })
const stub = callsThrough(server.handler, { codecs: [] }).stub(Big)
${indices.map((part) => `await part${part}.calls(stub)`).join('\n')}
// @ts-expect-error
stub.m0({ id: '1', name: 'x', tags: [] })
// @ts-expect-error
server.implement(Big, { ${spread('handlers')}, m0: () => ({ id: 1n }) })
`
}

async function compile(folder: string): Promise<{ readonly status: number; readonly output: string }> {
  try {
    const args = [tsc, '-p', folder, '--pretty', 'false', '--singleThreaded', '--extendedDiagnostics']
    return { status: 0, output: (await run(process.execPath, args)).stdout }
  } catch (error) {
    const { stdout, message } = error as { stdout?: string; message: string }
    return { status: 1, output: stdout || message }
  }
}

t.test('a contract of 1,000 methods type-checks, with its handlers and calls', async (t) => {
  // Inside the workspace, so that its packages are found.
  const folder = await mkdtemp(folderOf('../.thousand-'))
  t.teardown(() => rm(folder, { recursive: true }))
  for (let part = 0; part < parts; part++) await writeFile(join(folder, `part${part}.ts`), partOf(part))
  await writeFile(join(folder, 'whole.ts'), whole())
  const own = { noEmit: true, composite: false, declaration: false, declarationMap: false }
  const config = {
    extends: '../../../tsconfig.base.json',
    compilerOptions: { ...own, isolatedDeclarations: false },
    include: ['*.ts', '../../../tools/platform/globals.d.ts'],
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))

  const { status, output } = await compile(folder)
  t.equal(status, 0, status === 0 ? 'without an error' : output.slice(0, 2000))
  const figure = (name: string): number => Number(new RegExp(`${name}: +([0-9.]+)`).exec(output)?.[1])
  const instantiations = figure('Instantiations')
  t.ok(instantiations < mostInstantiations * parts * methodsEach, `${instantiations} instantiations`)
  t.comment(`${figure('Total time')} s, ${figure('Types')} types, ${instantiations} instantiations`)
})
