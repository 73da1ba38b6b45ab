import type { Code } from '@hawser/contract'
import { entriesOf, type Fields } from './field.js'
import { checkName, lastLevel } from './names.js'
import type { FieldsRead, FieldsWritten } from './struct.js'
import type { ExceptionType } from './type.js'

/** An exception's class: thrown as `new NotFound({ key })`, caught by `instanceof`, its fields are its properties. */
export type ExceptionClass<T, W> = ExceptionType<Error & T, W> & {
  new (fields: W): Error & T
  readonly code: Code
}

/** What an exception may be told. */
export interface ExceptionOptions {
  /** What callers see that know codes only: gRPC clients, HTTP clients, logs. Default: `unknown`. */
  readonly code?: Code | undefined
}

/**
 * An error that methods can declare. A field `message` of type string is the error's message.
 * @throws TypeError as `struct` does
 */
export function exception<const F extends Fields>(
  name: string,
  fields: F,
  { code = 'unknown' }: ExceptionOptions = {},
): ExceptionClass<FieldsRead<F>, FieldsWritten<F>> {
  checkName(name, 'an exception')
  const entries = entriesOf(name, fields)
  class Exception extends Error {
    static readonly kind = 'exception'
    static readonly fields = entries
    static readonly code = code

    static make(value: object): Exception {
      return new Exception(value)
    }

    static is(thrown: unknown): thrown is Exception {
      return thrown instanceof Exception
    }

    constructor(value: object) {
      super(name)
      for (const { key, presence, fallback } of entries) {
        // What every object has is not meant: a field may be called toString, and be absent.
        const own = Object.hasOwn(value, key) || !(key in Object.prototype)
        let part: unknown = own ? Reflect.get(value, key) : undefined
        if (part === undefined && presence === 'default') part = fallback!()
        // Defined, not assigned: a field may be called as a property of Error is.
        if (part !== undefined)
          Object.defineProperty(this, key, {
            value: part,
            enumerable: true,
            writable: true,
            configurable: true,
          })
      }
    }
  }
  const short = lastLevel(name)
  Object.defineProperty(Exception, 'name', { value: name })
  Object.defineProperty(Exception.prototype, 'name', { value: short, configurable: true, writable: true })
  return Exception as unknown as ExceptionClass<FieldsRead<F>, FieldsWritten<F>>
}
