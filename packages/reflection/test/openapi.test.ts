import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { http } from '@hawser/protocol-http'
import { topic } from '@hawser/push'
import { i32 } from '@hawser/schema'
import { createServer } from '@hawser/server'
import { tcp } from '@hawser/transport-tcp'
import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { type JsonSchema, type OpenApi, openApi, openApiPath, reflect } from '../src/index.js'
import { serveDemo } from './support/demo.js'
import { validator } from './support/validator.js'

harness(t)

interface Content {
  readonly [type: string]: { readonly schema: JsonSchema; readonly 'x-item-schema'?: JsonSchema }
}
interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly parameters?: readonly { readonly name: string; readonly content: Content }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}

function demo(): ReturnType<typeof createServer> {
  const server = createServer({ transports: [tcp()], codecs: [json()], protocols: [http()] })
  serveDemo(server)
  topic(server, '/ticks', { type: i32 })
  topic(server, '/nagging')
  return server
}

function operation(document: OpenApi, path: string, verb = 'post'): Operation {
  return (document.paths[path] as Readonly<Record<string, Operation>>)[verb]!
}

/** Validates against a schema of the document, with those that it refers to. */
function within({ components }: OpenApi, schema: JsonSchema) {
  return validator({ ...(schema as object), components } as JsonSchema)
}

t.test('the document is OpenAPI 3.1', async (t) => {
  await using server = demo()
  const document = openApi(server.directory.all(), {
    title: 'Demo',
    version: '1.2',
    description: 'All of it',
  })
  const checked = new Validator()
  const result = await checked.validate(JSON.parse(JSON.stringify(document)))
  t.strictSame(result.errors ?? [], [])
  t.equal(result.valid, true)
  t.equal(checked.version, '3.1')
  t.doesNotThrow(() => checked.resolveRefs(), 'every reference leads somewhere')
  t.match(document.info, { title: 'Demo', version: '1.2', description: 'All of it' })
  for (const schema of Object.values(document.components.schemas))
    t.doesNotThrow(() => within(document, schema))
})

t.test('methods with types are in it, and no others', async (t) => {
  await using server = demo()
  const document = openApi(server.directory.all())
  t.strictSame(Object.keys(document.paths), [
    '/join',
    '/nothing',
    '/text',
    '/ticks',
    '/to_string',
    '/demo.Shop/get',
    '/demo.Shop/mirror',
    '/demo.Shop/put',
    '/demo.Shop/search',
    '/demo.Shop/seen',
    '/demo.Shop/total',
  ])
  t.strictSame(Object.keys(document.components.schemas).sort(), [
    'Hawser.Error',
    'demo.Color',
    'demo.Gone',
    'demo.Item',
    'demo.Shape',
    'demo.Tree',
  ])
  const ids = Object.values(document.paths).flatMap((item) => Object.values(item) as Operation[])
  t.equal(new Set(ids.map(({ operationId }) => operationId)).size, ids.length, 'each has an id of its own')
})

t.test('what is called as it says is answered as it says', async (t) => {
  await using server = demo()
  reflect(server, { enabled: true, openapi: true })
  const { address } = await server.listen('tcp://127.0.0.1:0')
  const origin = address.replace('tcp:', 'http:')
  const document = (await (await fetch(`${origin}${openApiPath}`)).json()) as OpenApi
  const calls: readonly (readonly [path: string, body: unknown, status: number])[] = [
    ['/to_string', [7], 200],
    ['/to_string', ['7'], 400],
    ['/to_string', [], 400],
    ['/join', [['a', 'b'], '-'], 200],
    ['/join', [['a', 'b'], null], 200],
    ['/join', [['a', 'b']], 200],
    ['/join', [['a'], '-', 1], 400],
    ['/nothing', [], 204],
    ['/text', ['x'], 200],
    ['/demo.Shop/get', '7', 200],
    ['/demo.Shop/get', 7, 200],
    ['/demo.Shop/get', '0', 404],
    ['/demo.Shop/get', true, 400],
    ['/demo.Shop/put', { id: '1', color: 'green', tags: ['a'] }, 204],
    ['/demo.Shop/put', { color: 'green' }, 400],
  ]
  for (const [path, body, status] of calls) {
    const about = `${path} ${JSON.stringify(body)}`
    const { requestBody, responses } = operation(document, path)
    const invalid = within(document, requestBody!.content['application/json']!.schema)(body)
    t.equal(invalid !== undefined, status === 400, `${about}: ${invalid}`)
    const answer = await fetch(`${origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await answer.text()
    t.equal(answer.status, status, `${about}: ${text}`)
    const told = responses[status] ?? responses.default!
    t.equal(text === '', told.content === undefined, about)
    if (!told.content) continue
    const valid = within(document, told.content['application/json']!.schema)
    t.equal(valid(JSON.parse(text)), undefined, about)
  }
})

t.test('no body is no arguments', async (t) => {
  await using server = demo()
  const { address } = await server.listen('tcp://127.0.0.1:0')
  const origin = address.replace('tcp:', 'http:')
  const { status } = await fetch(`${origin}/nothing`, { method: 'POST' })
  t.equal(status, 204)
  const missing = await fetch(`${origin}/join`, { method: 'POST' })
  t.equal(missing.status, 400)
  t.match(await missing.json(), { reason: 'bad_payload', executed: 'no', message: /value\[0\] is missing/ })
})

t.test('the details of declared errors are told', async (t) => {
  await using server = demo()
  const document = openApi(server.directory.all())
  const { responses } = operation(document, '/demo.Shop/get')
  const valid = within(document, responses.default!.content!['application/json']!.schema)
  const error = { code: 'not_found', message: 'gone', executed: 'yes', retryable: false }
  t.notOk(valid(error))
  t.notOk(valid({ ...error, reason: 'denied', details: 'anything' }))
  t.notOk(valid({ ...error, reason: 'declared', details: { Gone_1: { id: '7' } } }))
  t.ok(valid({ ...error, reason: 'declared', details: { Gone_1: {} } }))
  t.ok(valid({ ...error, reason: 'declared', details: { Other: { id: '7' } } }))
})

t.test('streams and topics, safe functions', async (t) => {
  await using server = demo()
  const document = openApi(server.directory.all())
  const item = { $ref: '#/components/schemas/demo.Item' }
  t.match(operation(document, '/demo.Shop/search').responses[200]?.content, {
    'text/event-stream': { schema: { type: 'string' }, 'x-item-schema': item },
    'application/x-ndjson': { 'x-item-schema': item },
  })
  t.match(operation(document, '/demo.Shop/total').requestBody?.content, {
    'application/x-ndjson': { 'x-item-schema': { type: 'integer' } },
  })
  const ticks = operation(document, '/ticks', 'get')
  t.equal(ticks.summary, 'i32 [/ticks]()')
  t.match(ticks.responses[200]?.content?.['text/event-stream'], { 'x-item-schema': { type: 'integer' } })
  t.match(operation(document, '/text', 'get').parameters, [{ name: 'args' }])
  t.notOk(operation(document, '/to_string', 'get'), 'what may change something is not got')
})
