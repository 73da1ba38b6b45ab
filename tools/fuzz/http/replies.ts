import { claim } from '../target.js'

/** One answer on a connection. */
export interface HttpReply {
  readonly status: number
  /** Did all of it come? */
  readonly whole: boolean
  readonly closes: boolean
  readonly body: string
}

const statusLine = /^HTTP\/1\.1 ([1-5]\d\d) [\x20-\x7e\xa0-\xff]*$/
const headerLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\x20-\x7e\t\x80-\xff]*)$/

/**
 * The answers in what came by a connection, up to one that gives it another protocol.
 * @param text Latin-1
 * @throws Error for what is no HTTP
 */
export function repliesIn(text: string): HttpReply[] {
  const replies: HttpReply[] = []
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\r\n\r\n', at)
    claim(end >= 0, `An answer without an end of its headers: ${JSON.stringify(text.slice(at, at + 80))}`)
    const [first = '', ...lines] = text.slice(at, end).split('\r\n')
    const status = Number(statusLine.exec(first)?.[1])
    claim(status > 0, `A status line: ${JSON.stringify(first)}`)
    const headers = new Map(lines.map(headerOf))
    at = end + 4
    const closes = headers.get('connection') === 'close'
    if (status === 101) return [...replies, { status, whole: true, closes: false, body: '' }]
    // Of an answer to HEAD only the body's framing is told.
    const none = at === text.length || text.startsWith('HTTP/1.1 ', at)
    if (headers.get('transfer-encoding') === 'chunked' && !none) {
      const read = chunksAt(text, at)
      replies.push({ status, closes, ...read })
      at = read.end
      if (!read.whole) break
      continue
    }
    const chunked = headers.get('transfer-encoding') === 'chunked'
    const length = status === 204 || status === 100 || chunked ? 0 : Number(headers.get('content-length'))
    claim(none || Number.isInteger(length), `An answer of status ${status} without a length`)
    const told = none ? '' : text.slice(at, at + length)
    replies.push({ status, whole: none ? !chunked : told.length === length, closes, body: told })
    at += told.length
  }
  return replies
}

function headerOf(line: string): [string, string] {
  const found = headerLine.exec(line)
  claim(found !== null, `A header line: ${JSON.stringify(line)}`)
  return [found[1]!.toLowerCase(), found[2]!]
}

function chunksAt(text: string, start: number): { body: string; end: number; whole: boolean } {
  let body = ''
  for (let at = start; ; ) {
    const end = text.indexOf('\r\n', at)
    if (end < 0) return { body, end: text.length, whole: false }
    const size = text.slice(at, end)
    claim(/^[0-9a-f]+$/i.test(size), `A chunk of size ${JSON.stringify(size)}`)
    const length = Number.parseInt(size, 16)
    body += text.slice(end + 2, end + 2 + length)
    at = end + 2 + length + 2
    if (at > text.length) return { body, end: text.length, whole: false }
    claim(text.slice(at - 2, at) === '\r\n', 'A chunk without its end')
    if (length === 0) return { body, end: at, whole: true }
  }
}
