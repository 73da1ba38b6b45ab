import { RpcError } from '@hawser/contract'
import type { Head } from './head.js'
import type { HttpSettings } from './options.js'

/** Where a request comes from, as far as a browser says. */
export type Provenance =
  /** No page of another site has a part in it. */
  | 'own'
  /** A page of an origin that may call. */
  | 'allowed'
  /** A page that may not. */
  | 'foreign'
  /** A browser that does not say: it may be an address typed in, or an image of another site's page. */
  | 'unsaid'

/**
 * Judges by what pages cannot forge. Browsers say with every request of a page's script or form where it comes from; but over
 * plain HTTP they do not say it of images and links.
 */
export function provenanceOf(head: Head, settings: HttpSettings): Provenance {
  const { origin, host, fetchSite, agent, referer } = head
  if (origin !== undefined) {
    if (settings.origins === '*' || settings.origins.has(origin)) return 'allowed'
    if (host === undefined || !sameHost(origin, host) || fetchSite === 'cross-site') return 'foreign'
    return isOurs(host, settings) ? 'own' : 'foreign'
  }
  if (fetchSite === 'none') return 'own'
  if (fetchSite !== undefined)
    return fetchSite === 'same-origin' && host !== undefined && isOurs(host, settings) ? 'own' : 'foreign'
  if (!agent?.startsWith('Mozilla/')) return 'own'
  if (host === undefined || !isOurs(host, settings)) return 'foreign'
  return isPageOf(host, referer) ? 'own' : 'unsaid'
}

// A page can have a name of its own lead to any address, and is of the same origin then. What it cannot have is an address, a name of
// this machine's, or a name that the server is told is its own.
function isOurs(host: string, { hosts, origins }: HttpSettings): boolean {
  const name = host.replace(/:\d*$/, '').toLowerCase()
  return (
    /^(\[.*\]|\d+(\.\d+){3}|(.+\.)?localhost)$/.test(name) ||
    hosts.has(name) ||
    origins === '*' ||
    origins.has(`http://${host}`) ||
    origins.has(`https://${host}`)
  )
}

// Pages may hide where they are, but not claim to be elsewhere.
function isPageOf(host: string, referer: string | undefined): boolean {
  return (
    referer !== undefined && (referer.startsWith(`http://${host}/`) || referer.startsWith(`https://${host}/`))
  )
}

function sameHost(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`
}

/** What lets the page of an allowed origin read an answer: names and values in turn. */
export function sharingHeaders({ origin, preflight }: Head): string[] {
  const lines = ['Access-Control-Allow-Origin', origin!, 'Vary', 'Origin']
  if (!preflight) return [...lines, 'Access-Control-Expose-Headers', '*']
  lines.push('Access-Control-Allow-Methods', preflight.verb, 'Access-Control-Max-Age', '600')
  if (preflight.headers !== undefined) lines.push('Access-Control-Allow-Headers', preflight.headers)
  return lines
}

/** What pages of other origins are told. */
export function foreign(): RpcError {
  return new RpcError(
    'permission_denied',
    'Pages of this origin, or by this name of the host, may not call',
    {
      reason: 'denied',
      executed: 'no',
    },
  )
}
