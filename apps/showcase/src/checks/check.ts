import type { Stack } from '../stack.js'

/** One column of the table. */
export interface Check {
  readonly name: string
  /** What is called, in half a line. */
  readonly about: string
  /** Rejects, saying why, when the stack does not do what it should. */
  run(stack: Stack): Promise<void>
}
