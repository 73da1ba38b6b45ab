import { hasParts, isRecord, type Node, type PartNode, type Plan } from './plan.js'

/** A short text that is another for another layout or other names: 16 hexadecimal digits. */
export function fingerprint({ roots, parts }: Plan): string {
  const text = [...roots.map(reference), ...parts.map(described)].join(';')
  // FNV-1a twice, from two starts: against mistakes, not against malice.
  return hash(text, 0x811c_9dc5) + hash(text, 0x01b3_4f2d)
}

function hash(text: string, start: number): string {
  let value = start
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x0100_0193)
  return (value >>> 0).toString(16).padStart(8, '0')
}

function reference(node: Node): string {
  return hasParts(node) ? `#${node.index}` : node.op
}

function described(part: PartNode): string {
  if (!isRecord(part))
    return part.op === 'map'
      ? `map ${reference(part.key)} ${reference(part.value)}`
      : `${part.op} ${reference(part.element)}`
  const fields = part.fields.map(
    ({ id, key, presence, node }) => `${id} ${key} ${presence} ${reference(node)}`,
  )
  return `${part.op} ${part.name} { ${fields.join(', ')} }`
}
