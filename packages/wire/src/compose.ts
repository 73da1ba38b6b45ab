import type { Handler, Middleware } from '@hawser/contract'

/** A handler inside its middleware, the first outermost. */
export function compose(middleware: readonly Middleware[], handler: Handler): Handler {
  return middleware.reduceRight((next, wrap) => wrap(next), handler)
}
