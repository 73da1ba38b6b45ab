import type { MethodInfo, MethodType, Shape, Type } from '@hawser/contract'
import { resolved } from './containers.js'
import { declaredErrors } from './declared.js'
import type { MethodOptions, Read, Written } from './service.js'
import { type Elements, type ElementsRead, type ElementsWritten, tuple } from './tuple.js'
import type { FieldEntry } from './type.js'

/** A function's parameters and result, as a method. */
export type SignatureOf<E extends Elements, O> = MethodType<
  'unary',
  ElementsRead<E>,
  Read<O>,
  ElementsWritten<E>,
  Written<O>
>

/**
 * The types of a function's parameters and of its result: what `server.rpc` and `client.remote` take as `signature`.
 * @param parameters in order; those at the end may be `optional` or `withDefault`
 * @throws TypeError as `tuple` does
 */
export function signature<const E extends Elements, O extends Type | undefined = undefined>(
  parameters: E,
  result?: O,
  { errors }: MethodOptions = {},
): SignatureOf<E, O> {
  const input = tuple(parameters)
  const declared = errors && { errors: declaredErrors('hawser', errors) }
  const made: MethodType<'unary'> = {
    kind: 'unary',
    input: input as Shape,
    ...(result && { output: result }),
    ...declared,
    form: formOf(input.fields, result),
  }
  return Object.freeze(made) as SignatureOf<E, O>
}

// One text to one text, and bytes to bytes, need no layout where there is a place for one value.
function formOf(parameters: readonly FieldEntry[], result: Type | undefined): MethodInfo['form'] {
  const [only, ...others] = parameters
  if (only?.presence !== 'required' || others.length > 0 || !result) return 'values'
  const kinds = [only.type, result].map((type) => resolved(type).kind)
  if (kinds.every((kind) => kind === 'string')) return 'text'
  return kinds.every((kind) => kind === 'bytes') ? 'bytes' : 'values'
}
