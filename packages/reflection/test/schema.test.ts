import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import {
  type AnyType,
  i32,
  inForm,
  lazy,
  list,
  map,
  optional,
  signature,
  string,
  tuple,
} from '@hawser/schema'
import { createServer } from '@hawser/server'
import t from 'tap'
import { readableType, reflectionOf } from '../src/index.js'
import { serveDemo } from './support/demo.js'

harness(t)

t.test('AM-35 with the types behind the names', async (t) => {
  await using server = createServer({ codecs: [json()] })
  serveDemo(server)
  const { schema } = reflectionOf(server.directory.all(), true)
  t.strictSame(schema?.methods['/join'], {
    kind: 'unary',
    style: 'arguments',
    topic: false,
    form: 'values',
    safe: false,
    input: {
      tuple: [
        { type: { list: 'string' }, presence: 'required' },
        { type: 'string', presence: 'optional' },
      ],
    },
    output: 'string',
    errors: { 1: 'demo.Gone' },
  })
  t.match(schema?.methods['/text'], { form: 'text', safe: true })
  t.match(schema?.methods['demo.Shop/seen'], {
    kind: 'oneway',
    style: 'request',
    input: { map: ['i64', 'bytes'] },
  })
  t.notOk('input' in schema!.methods['/untyped']!)
  t.strictSame(schema?.types, {
    'demo.Color': { kind: 'enum', values: { red: 1, green: 2 } },
    'demo.Gone': {
      kind: 'exception',
      code: 'not_found',
      fields: [{ id: 1, name: 'id', type: 'i64', presence: 'required' }],
    },
    'demo.Item': {
      kind: 'struct',
      fields: [
        { id: 1, name: 'id', type: 'i64', presence: 'required' },
        { id: 3, name: 'color', type: 'demo.Color', presence: 'default' },
        { id: 4, name: 'tags', type: { set: 'string' }, presence: 'optional' },
        { id: 9, name: 'key', type: 'uuid', presence: 'optional' },
      ],
    },
    'demo.Shape': {
      kind: 'union',
      fields: [
        { id: 1, name: 'circle', type: 'double', presence: 'optional' },
        {
          id: 2,
          name: 'pair',
          type: {
            tuple: [
              { type: 'bool', presence: 'required' },
              { type: 'demo.Tree', presence: 'required' },
            ],
          },
          presence: 'optional',
        },
      ],
    },
    'demo.Tree': {
      kind: 'struct',
      fields: [
        { id: 1, name: 'value', type: 'double', presence: 'required' },
        { id: 2, name: 'children', type: { list: 'demo.Tree' }, presence: 'required' },
      ],
    },
  })
  t.strictSame(JSON.parse(JSON.stringify(schema)), schema, 'it is plain data')
})

t.test('types that hold themselves without a name, and forms of integers', async (t) => {
  const Nest: AnyType = list(lazy(() => Nest)) as AnyType
  await using server = createServer({ codecs: [json()] })
  server.rpc('/nest', () => 1, { signature: signature([Nest], inForm(i32, 'zigzag')) })
  const { schema, rpc } = reflectionOf(server.directory.all(), true)
  t.match(schema?.methods['/nest'], {
    output: { kind: 'i32', form: 'zigzag' },
    input: { tuple: [{ type: 'list' }] },
  })
  t.strictSame(schema?.types, { list: { kind: 'alias', type: { list: 'list' } } })
  t.match(rpc['/nest'], /^i32 \[\/nest\]\((list<)+…>+\)$/)
})

t.test('types in a few words', async (t) => {
  t.equal(
    readableType(map(string, tuple([i32, optional(list(string))]))),
    'map<string, (i32, list<string>?)>',
  )
  t.equal(readableType(tuple([])), '()')
})
