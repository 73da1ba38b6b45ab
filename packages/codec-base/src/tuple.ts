import { Refusal } from './refusal.js'
import { mismatch } from './scalar.js'

/** What there is to know of a tuple's elements. */
export interface TupleElements {
  readonly fields: readonly {
    readonly presence: 'required' | 'optional' | 'default'
    readonly fallback?: (() => unknown) | undefined
  }[]
}

/** The value, if it is an array of at most so many elements. Throws Refusal. */
export function checkTuple(
  value: unknown,
  { fields: { length } }: { readonly fields: { readonly length: number } },
): readonly unknown[] {
  if (!Array.isArray(value)) mismatch(value, 'tuple')
  if (value.length > length) throw Refusal.inside(new Refusal('is one too many'), length)
  return value
}

/**
 * The elements to be written, as many as the value has; or the value that was received, with all elements. Throws Refusal where
 * one is not there that has to be.
 */
export function tupleOf(value: unknown, type: TupleElements, received: boolean): unknown[] {
  const elements = checkTuple(value, type)
  const values: unknown[] = []
  for (const { presence, fallback } of type.fields) {
    const at = values.length
    let element = elements[at]
    if (element === undefined) {
      if (presence === 'required') throw Refusal.inside(new Refusal('is missing'), at)
      if (received) element = fallback?.()
      else if (at >= elements.length) break
    }
    values.push(element)
  }
  return values
}
