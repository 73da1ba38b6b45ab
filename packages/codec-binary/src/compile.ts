import { emit } from './emit.js'
import type { Plan } from './plan.js'
import * as runtime from './runtime.js'
import type { LayoutName } from './wire.js'
import type { BackEnd } from './writer.js'

let allowed: boolean | undefined

/** May code be made from strings here? Pages and processes can forbid it. */
export function canCompile(): boolean {
  if (allowed === undefined) {
    try {
      allowed = new Function('return true')() === true
    } catch {
      allowed = false
    }
  }
  return allowed
}

/**
 * The first root's back end, compiled. What it compiles comes of types, which are code, and never of a peer; still all names
 * in it were checked to be identifiers, and all texts are literals.
 */
export function compile(plan: Plan, layout: LayoutName, keep: boolean): BackEnd {
  const { functions, backs } = emit(plan, layout, 'javascript', keep)
  const names = Object.keys(runtime)
  const source = `'use strict'\nconst { ${names.join(', ')} } = runtime\n${functions}return ${backs[0]}`
  const make = new Function('runtime', 'fallbacks', 'makers', source) as (...args: unknown[]) => BackEnd
  return make(runtime, plan.fallbacks, plan.makers)
}
