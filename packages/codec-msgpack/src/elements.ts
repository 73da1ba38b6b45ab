import { Refusal } from '@hawser/codec-base'
import type { TokenReader } from './token-reader.js'
import type { TypedWriter } from './typed-writer.js'

/** How the parts of a container are laid out, each by its place. */
export interface Elements {
  write(value: unknown, out: TypedWriter, place: number): void
  read(from: TokenReader, place: number): unknown
}

/** Writes an array of the values of a container. Throws Refusal. */
export function writeArray(
  container: object,
  values: readonly unknown[],
  element: Pick<Elements, 'write'>,
  out: TypedWriter,
): void {
  const { length } = values
  out.enter()
  out.count(length)
  out.tokens.array(length)
  writeAll(container, values, element, out)
}

/** Writes the parts of a container that was entered, and leaves it. Throws Refusal. */
export function writeAll(
  container: object,
  parts: readonly unknown[],
  plan: Pick<Elements, 'write'>,
  out: TypedWriter,
): void {
  const { length } = parts
  let i = 0
  try {
    for (; i < length; i++) plan.write(parts[i], out, i)
  } catch (thrown) {
    throw Refusal.under(thrown, container, i)
  }
  out.leave()
}

/** The values of an array. Throws Refusal for what is none. */
export function readArray(kind: string, element: Pick<Elements, 'read'>, from: TokenReader): unknown[] {
  const length = from.enterArray() ?? expected(kind)
  const values: unknown[] = []
  try {
    while (values.length < length) values.push(element.read(from, values.length))
  } catch (thrown) {
    throw Refusal.inside(thrown, values.length)
  }
  from.leave()
  return values
}

/** Throws Refusal: what was received is no `kind`. */
export function expected(kind: string): never {
  throw new Refusal(`is no ${kind}`)
}
