import type { CallKind } from './call.js'
import type { MethodType } from './service.js'

/** What is known of a method, for those who describe methods or carry their values in forms of their own. */
export interface MethodInfo {
  readonly name: string
  readonly kind: CallKind
  /** Is it called with an array of arguments, or with one request (for streams of them, each)? */
  readonly style: 'arguments' | 'request'
  /** Is it a topic, to be subscribed to? Its kind is `server-stream`, then. */
  readonly topic: boolean
  readonly type: MethodType
  /** How many parameters a function has, where that is known and nothing else of them is. */
  readonly parameters?: number | undefined
  /**
   * How plain HTTP carries its values: laid out by a codec, or as they are where a function takes and returns one text, or one
   * piece of bytes.
   */
  readonly form: 'values' | 'text' | 'bytes'
  /** The name of the codec that who does not say one is answered in, where it matters. */
  readonly prefers?: string | undefined
  /** Does it change nothing, so that anybody may call it any number of times? */
  readonly safe: boolean
}

/** The methods of a server, as they are at the moment. */
export interface Directory {
  get(name: string): MethodInfo | undefined
  all(): Iterable<MethodInfo>
}
