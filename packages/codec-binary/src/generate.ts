import type { AnyType } from '@hawser/schema'
import { emit } from './emit.js'
import { fingerprint } from './fingerprint.js'
import { planOf } from './plan.js'
import * as runtime from './runtime.js'
import type { LayoutName } from './wire.js'

/** What {@link generate} has to know besides the types. */
export interface GenerateOptions {
  readonly layout: LayoutName
  /** How the generated module imports the one that exports the types, each under its key in `types`: `./shop.js`. */
  readonly from: string
  /** As for `binary`. Default: drop. */
  readonly unknownFields?: 'drop' | 'keep' | undefined
  /** How it imports the helpers. Default: `@hawser/codec-binary/runtime`. */
  readonly runtime?: string | undefined
}

const identifier = /^[A-Za-z_$][A-Za-z0-9_$]*$/

/**
 * The TypeScript source of a module that exports `codecs(options)`: for each of the types a codec like
 * `binary(options).typed(type)`, without any code made at run time. Generate it again when the types change: loading one that
 * does not fit them is a TypeError.
 * @throws TypeError for a key that is no identifier, and for a type without a layout
 */
export function generate(
  types: Readonly<Record<string, AnyType>>,
  { layout, from, unknownFields, runtime: helpers = '@hawser/codec-binary/runtime' }: GenerateOptions,
): string {
  const names = Object.keys(types)
  for (const name of names)
    if (!identifier.test(name)) throw new TypeError(`${JSON.stringify(name)} cannot be the name of a codec`)
  const plan = planOf(Object.values(types))
  const { functions, backs } = emit(plan, layout, 'typescript', unknownFields === 'keep')
  const code = `${functions}\n${backs.join('\n')}`
  const used = Object.keys(runtime).filter(
    (name) => name === 'generatedCodecs' || new RegExp(`\\b${name}\\b`).test(code),
  )
  const entries = (of: (name: string, at: number) => string): string => names.map(of).join('')
  return (
    `// Made by generate() of @hawser/codec-binary from the types of ${JSON.stringify(from)}: change those, and make it again.\n` +
    '// biome-ignore-all lint: nobody reads it\n// biome-ignore-all format: nobody reads it\n' +
    '// biome-ignore-all assist: nobody reads it\n' +
    `import { ${used.join(', ')}, type CodecsOf, type Fields, type GeneratedOptions, type Reader, type Writer${code.includes('UnknownField[]') ? ', type UnknownField' : ''} } from ${JSON.stringify(helpers)}\n` +
    `import * as types from ${JSON.stringify(from)}\n\n` +
    `type Types = {\n${entries((name) => `readonly ${name}: typeof types.${name}\n`)}}\n\n` +
    'let fallbacks: readonly (() => unknown)[] = []\nlet makers: readonly ((fields: object) => unknown)[] = []\n\n' +
    `/** A codec for each type, in the ${layout} layout. */\n` +
    'export function codecs(options: GeneratedOptions = {}): CodecsOf<Types> {\n' +
    `const from: Types = {\n${entries((name) => `${name}: types.${name},\n`)}}\n` +
    `const made = generatedCodecs(${JSON.stringify(layout)}, from, ${JSON.stringify(fingerprint(plan))}, backEnds, options)\n` +
    'fallbacks = made.fallbacks\nmakers = made.makers\nreturn made.codecs\n}\n\n' +
    `const backEnds = {\n${entries((name, at) => `${name}: ${backs[at]},\n`)}}\n\n${functions}`
  )
}
