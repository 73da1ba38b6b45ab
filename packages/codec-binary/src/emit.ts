import { type Dialect, type Grammar, javascript, typescript } from './dialect.js'
import { binaryDialect } from './dialect-binary.js'
import { compactDialect } from './dialect-compact.js'
import { readFunction, takeValue } from './emit-read.js'
import { measureFunction, measureOf, putValue, writeFunction } from './emit-write.js'
import { hasParts, type Node, type Plan } from './plan.js'
import type { LayoutName } from './wire.js'

/** What the functions of a plan are made with. */
export interface Emission {
  readonly plan: Plan
  readonly dialect: Dialect
  readonly grammar: Grammar
  /** Are unknown fields kept? */
  readonly keep: boolean
}

/** Code for a plan: functions that measure, write and read each part, and for each root a back end of those. */
export interface Emitted {
  readonly functions: string
  /** An expression for each root. */
  readonly backs: readonly string[]
}

/** Writes the code: as JavaScript to be compiled at run time, as TypeScript to be kept in a file. */
export function emit(
  plan: Plan,
  layout: LayoutName,
  as: 'javascript' | 'typescript',
  keep: boolean,
): Emitted {
  const grammar = as === 'javascript' ? javascript : typescript
  const dialect = layout === 'binary' ? binaryDialect(grammar) : compactDialect(grammar)
  const emission: Emission = { plan, dialect, grammar, keep }
  return {
    functions: plan.parts
      .flatMap((part) => [
        measureFunction(emission, part),
        writeFunction(emission, part),
        readFunction(emission, part),
      ])
      .join('\n'),
    backs: plan.roots.map((root) => back(emission, root)),
  }
}

function back(emission: Emission, root: Node): string {
  const { type } = emission.grammar
  const measured = hasParts(root) ? `measure${root.index}(w, v, w.depth)` : measureOf(emission, root, 'v', '')
  const unused = (name: string, text: string): string => (uses(name, text) ? name : `_${name}`)
  const write = hasParts(root)
    ? `return write${root.index}(w, v, p, w.depth)\n`
    : `${variables('w', putValue(emission, root, 'v', ''))}return p\n`
  const read = hasParts(root)
    ? `r.at = 0\nreturn read${root.index}(r, r.depth)\n`
    : `let p = 0\nlet f${type('unknown')}\n${variables('r', takeValue(emission, root, 'f', ''))}r.at = p\nreturn f\n`
  return (
    `{\nmeasure(${unused('w', measured)}${type('Writer')}, ${unused('v', measured)}${type('unknown')})${type('number')} {\nreturn ${measured}\n},\n` +
    `write(w${type('Writer')}, v${type('unknown')}, p${type('number')})${type('number')} {\n${write}},\n` +
    `read(r${type('Reader')})${type('unknown')} {\n${read}},\n}`
  )
}

/** Is the variable in the code? What has its name as a property does not count. */
function uses(name: string, code: string): boolean {
  return new RegExp(`(?<![.\\w'"])${name}(?![\\w'":])`).test(code)
}

/** The code, with those of its variables declared in front that it uses. */
export function variables(owner: 'w' | 'r', code: string): string {
  return (
    (uses('b', code) ? `const b = ${owner}.bytes\n` : '') +
    (uses('x', code) ? `const x = ${owner}.view\n` : '') +
    (owner === 'w' && uses('t', code) ? 'const t = w.tape\n' : '') +
    (owner === 'r' && uses('e', code) ? 'const e = r.end\n' : '') +
    (owner === 'r' && uses('z', code) ? 'let z = 0\n' : '') +
    code
  )
}
