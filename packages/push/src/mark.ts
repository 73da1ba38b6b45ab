import type { MethodInfo, Type } from '@hawser/contract'
import type { TopicOptions } from './options.js'
import { type Mark, policies } from './policy.js'

// Messages that may still come through a relay for somebody who is full.
const relaySlack = 65_536

/** @throws TypeError for what is no path, or one of more levels than allowed */
export function checkPath(path: string, most: number): void {
  if (typeof path !== 'string' || !path.startsWith('/'))
    throw new TypeError(`A topic's path begins with /, unlike ${JSON.stringify(path)}`)
  const levels = path.split('/').length - 1
  if (levels > most) throw new TypeError(`A topic's path has at most ${most} levels, not ${levels}`)
}

/** @throws TypeError for marks that make no sense */
export function markOf(options: TopicOptions, defaultMessages: number, defaultBytes: number): Mark {
  const {
    policy = 'close',
    highWaterMark = defaultMessages,
    maxBytes = defaultBytes,
    type,
    convert,
  } = options
  if (!policies.includes(policy)) throw new TypeError(`There is no policy ${JSON.stringify(policy)}`)
  for (const [name, mark] of Object.entries({ highWaterMark, maxBytes }))
    if (!Number.isSafeInteger(mark) || mark < 1)
      throw new TypeError(`${name} is a number from 1 up, not ${mark}`)
  if (convert && !type) throw new TypeError('To convert, a topic needs a type')
  // Publishers elsewhere hear of a full subscriber only after a while.
  const slack = options.relay && policy === 'block' ? relaySlack : 0
  return { policy, messages: highWaterMark, bytes: maxBytes, slack }
}

/** How plain HTTP carries messages of a type. */
export function formOf(type: Type | undefined): MethodInfo['form'] {
  return type?.kind === 'string' ? 'text' : type?.kind === 'bytes' ? 'bytes' : 'values'
}
