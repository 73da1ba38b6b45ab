import type { CallKind } from './call.js'

/**
 * One method of a service: its kind, and the types of what goes in and out. The types exist for the compiler only; a schema
 * gives them run-time form.
 */
export interface MethodType<K extends CallKind = CallKind, I = unknown, O = unknown> {
  readonly kind: K
  /** Never set. */
  readonly _input?: I
  /** Never set. */
  readonly _output?: O
}

/** A named set of methods. On the wire a method is called `service/method`. */
export interface ServiceType<M extends Record<string, MethodType> = Record<string, MethodType>> {
  /** `package.Service`: identifiers joined by dots. */
  readonly name: string
  readonly methods: M
}
