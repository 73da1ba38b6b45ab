import { json } from '@hawser/codec-json'
import { utf8 } from '../bytes.js'
import type { Random } from '../random.js'
import { claim, type Target } from '../target.js'
import { codecTarget } from './codec.js'
import { codecVectors } from './vectors.js'

const mostDepth = 8

const tokens = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '[[',
    '{"a":',
    '[]',
    '{}',
    ' ',
    '\n',
    '\t',
    '\u0000',
    '\ufeff',
  ],
  ...['null', 'true', 'false', 'nul', 'NaN', 'Infinity', '-', '-0', '1e400', '1e-400', '0.1', '1E+2', '01'],
  ...['9007199254740991', '9007199254740992', '-9007199254740993', '1'.repeat(16), '1'.repeat(2_000)],
  ...['"__proto__"', '"constructor"', '"prototype"', '{"__proto__":', '{"constructor":{"prototype":'],
  ...['\\u005f', '\\u005F_proto__', '\\ud800', '\\udc00', '\\ud83d\\ude00', '\\x', '\\u12', '\\"', '\\\\'],
  ...['"a":1,', '"b":', '/*', '//', "'", '=', 'é', '🪢', '\u2028'],
].map(utf8)

/** JSON as no encoder would write it: with spaces, escapes, and numbers in all their forms. */
function textOf(random: Random, depth: number): string {
  const kind = random.below(depth > 0 ? 8 : 5)
  if (kind === 0) return random.pick(['null', 'true', 'false'])
  if (kind === 1) return numberOf(random)
  if (kind < 5) return stringOf(random)
  const size = random.small(kind === 7 ? 20 : 5)
  const items = Array.from({ length: size }, (_, index) => {
    const item = textOf(random, depth - 1)
    // Numbered, because a key may come only once.
    return kind === 5 ? item : `"${keyOf(random)}${index}"${space(random)}:${space(random)}${item}`
  })
  const inside = `${space(random)}${items.join(`${space(random)},${space(random)}`)}${space(random)}`
  return kind === 5 ? `[${inside}]` : `{${inside}}`
}

function numberOf(random: Random): string {
  const sign = random.chance(0.3) ? '-' : ''
  const whole = random.chance(0.2) ? '0' : String(1 + random.small(2 ** 52))
  if (random.chance(0.5)) return sign + whole
  const fraction = random.chance(0.5) ? `.${random.next()}` : ''
  const exponent = random.chance(0.3)
    ? `${random.pick(['e', 'E'])}${random.pick(['', '+', '-'])}${random.below(40)}`
    : ''
  return sign + whole + fraction + exponent
}

function stringOf(random: Random): string {
  const pieces = [
    'a',
    'Z',
    ' ',
    '0',
    'é',
    '🪢',
    '\\n',
    '\\"',
    '\\\\',
    '\\/',
    '\\u0041',
    '\\u00e9',
    '\\ud83d\\udca9',
    '\u007f',
  ]
  return `"${Array.from({ length: random.small(120) }, () => random.pick(pieces)).join('')}"`
}

function keyOf(random: Random): string {
  return random.pick([
    '',
    'k',
    'key',
    'é',
    '\\u006b',
    'toString',
    'constructor',
    'prototype',
    'x'.repeat(100),
  ])
}

function space(random: Random): string {
  return random.chance(0.8) ? '' : random.pick([' ', '\n', '\t', '\r', '  '])
}

/** Bodies in JSON. */
export const jsonTarget: Target = codecTarget({
  codec: json(),
  seeds: codecVectors('json'),
  tokens,
  check(input) {
    const outside = new TextDecoder().decode(input).replace(/"(?:[^"\\]|\\.)*"/g, ' ')
    for (const [number] of outside.matchAll(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g))
      claim(
        !/^-?\d+$/.test(number) || Number.isSafeInteger(Number(number)),
        `${number} was taken, though it cannot be told from its neighbours`,
      )
  },
  generate: (random) => utf8(textOf(random, random.below(mostDepth))),
})
