import type { Call } from '@hawser/contract'
import { Attempt } from './attempt.js'
import { CallView } from './call-view.js'

/** The call that this one was made of on its way in; undefined for one that is as it came. */
export function outerOf(call: Call): Call | undefined {
  return call instanceof CallView || call instanceof Attempt ? call.outer : undefined
}
