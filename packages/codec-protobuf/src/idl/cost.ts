import protobufjs from 'protobufjs'

const mostParts = 64
const mostFields = 2048
const blocks: readonly string[] = ['message', 'group', 'oneof', 'extend', 'enum', 'service', 'rpc', 'option']

/**
 * Refuses what takes the parser a time that grows with the square of it: names written in many parts, `a . b`, and messages
 * of very many fields.
 */
export function checkCost(source: string): void {
  const { next } = protobufjs.tokenize(source, false)
  const open: { readonly kind: string; fields: number }[] = []
  let kind = ''
  let parts = 0
  let dotted = false
  let brackets = 0
  let extensions = 0
  for (let token = next(); token !== null; token = next()) {
    const dot = token.startsWith('.') || token.endsWith('.')
    parts = dot || dotted ? parts + 1 : 0
    dotted = dot
    if (parts > mostParts) throw new TypeError(`A name is written in more than ${mostParts} parts`)
    if (blocks.includes(token)) kind = token
    else if (token === '[') brackets++
    else if (token === ']') brackets--
    else if (token === '{') open.push({ kind, fields: 0 })
    else if (token === '}') {
      const closed = open.pop()
      const around = open.at(-1)
      if (closed?.kind === 'oneof' && around) around.fields += closed.fields
      if (closed?.kind === 'extend') extensions += closed.fields
      const most = Math.max(extensions, closed?.kind === 'enum' ? 0 : (closed?.fields ?? 0))
      if (most > mostFields) throw new TypeError(`A message has more than ${mostFields} fields`)
    } else if (token === '=' && brackets === 0) {
      const around = open.at(-1)
      if (around) around.fields++
    }
  }
}
