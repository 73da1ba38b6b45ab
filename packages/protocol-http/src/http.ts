import { METHODS } from 'node:http'
import type { Protocol, ProtocolContext } from '@hawser/contract'
import { openHttp } from './client/open.js'
import { Engine } from './engine.js'
import { type HttpOptions, settingsOf } from './options.js'

const encoder = new TextEncoder()
const openings: readonly Uint8Array[] = METHODS.map((verb) => encoder.encode(`${verb} `))

/**
 * HTTP/1.1: calls at the paths of their methods, streams as server-sent events, topics as WebSockets.
 * @throws TypeError for options that make no protocol
 */
export function http(options: HttpOptions = {}): Protocol {
  const settings = settingsOf(options)
  const engines = new WeakMap<ProtocolContext, Engine>()
  return {
    name: 'http/1.1',
    sniff(head) {
      let verdict: 'no' | 'more' = 'no'
      for (const opening of openings) {
        const fit = begins(head, opening)
        if (fit === 'yes') return fit
        if (fit === 'more') verdict = fit
      }
      return verdict
    },
    serve(connection, context, since) {
      let engine = engines.get(context)
      if (!engine) {
        engine = new Engine(context, settings)
        engines.set(context, engine)
      }
      return engine.serve(connection, since)
    },
    open: (connection, context) => openHttp(connection, context, options),
  }
}

function begins(head: Uint8Array, opening: Uint8Array): 'yes' | 'no' | 'more' {
  const length = Math.min(head.length, opening.length)
  for (let index = 0; index < length; index++) if (head[index] !== opening[index]) return 'no'
  return head.length < opening.length ? 'more' : 'yes'
}
