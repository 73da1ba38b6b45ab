import type { Check } from './check.js'
import { cancel, deadline, error } from './endings.js'
import { clientStream, duplex, oneway, serverStream, unary } from './kinds.js'
import { nested, pull, push } from './reach.js'

/** Every check, in the order of the columns. */
export const checks: readonly Check[] = [
  unary,
  oneway,
  serverStream,
  clientStream,
  duplex,
  error,
  deadline,
  cancel,
  push,
  pull,
  nested,
]
