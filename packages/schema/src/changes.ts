import type { ServiceType, Shape } from '@hawser/contract'
import { resolved } from './containers.js'
import type { AnyType, FieldEntry, ResolvedType } from './type.js'

/**
 * What of a service's new description would fail with peers that still have the old one: empty when both can be mixed freely.
 * For a test that keeps the description of the last release beside the present one.
 *
 * Fields go by their ids: a name may change (but for JSON, where they go by it), and an optional field, or one with a default, may come and go. A required field
 * may do neither, since one of the two sides would miss it.
 */
export function breakingChanges(before: ServiceType, after: ServiceType): string[] {
  const comparison = new Comparison()
  if (before.name !== after.name) comparison.found.push(`the service ${before.name} became ${after.name}`)
  for (const [key, method] of Object.entries(before.methods)) {
    const path = `${before.name}/${key}`
    const now = after.methods[key]
    if (!now) comparison.found.push(`${path} is gone`)
    else if (now.kind !== method.kind) comparison.found.push(`${path} was ${method.kind}, and is ${now.kind}`)
    else {
      comparison.shapes(`${path} input`, method.input, now.input)
      comparison.shapes(`${path} output`, method.output, now.output)
      comparison.shapes(`${path} errors`, method.errors?.type, now.errors?.type)
    }
  }
  return comparison.found
}

class Comparison {
  readonly found: string[] = []
  // Types hold themselves: a pair is looked at once.
  readonly #seen = new Map<ResolvedType, Set<ResolvedType>>()

  // What a validator of another library accepts cannot be compared.
  shapes(path: string, before: Shape | undefined, after: Shape | undefined): void {
    if ((before && '~standard' in before) || (after && '~standard' in after)) return
    if (before && after) this.#types(path, resolved(before), resolved(after))
    else if (before || after) this.found.push(`${path} ${before ? 'lost its type' : 'has a type now'}`)
  }

  #types(path: string, before: ResolvedType, after: ResolvedType): void {
    const seen = this.#seen.get(before) ?? new Set()
    if (seen.has(after)) return
    this.#seen.set(before, seen.add(after))
    if (layoutOf(before) !== layoutOf(after)) {
      this.found.push(`${path} was ${layoutOf(before)}, and is ${layoutOf(after)}`)
      return
    }
    if ('fields' in before && 'fields' in after) this.#fields(path, before, after)
    else if ('element' in before && 'element' in after)
      this.#types(`${path}[]`, resolved(before.element), resolved(after.element))
    else if (before.kind === 'map' && after.kind === 'map') {
      this.#types(`${path} key`, resolved(before.key), resolved(after.key))
      this.#types(`${path} value`, resolved(before.value), resolved(after.value))
    }
  }

  #fields(path: string, before: WithFields, after: WithFields): void {
    const [was, is] = [byId(before), byId(after)]
    for (const [id, field] of was) {
      const now = is.get(id)
      const name = pathOf(path, before, field)
      if (now) {
        this.#types(name, resolved(field.type), resolved(now.type))
        if (field.presence !== 'required' && now.presence === 'required')
          this.found.push(`${name} is required now`)
        if (field.presence === 'required' && now.presence === 'optional')
          this.found.push(`${name} may be absent now`)
      } else if (field.presence === 'required') this.found.push(`${name} was required, and is gone`)
      else if (before.kind === 'union' || before.kind === 'tuple') this.found.push(`${name} is gone`)
    }
    for (const [id, field] of is)
      if (!was.has(id)) {
        const name = pathOf(path, after, field)
        if (field.presence === 'required') this.found.push(`${name} is new, and required`)
        // An array has no names by which to pass over an element.
        else if (before.kind === 'tuple')
          this.found.push(`${name} is new, and refused by who does not know it`)
      }
  }
}

type WithFields = Extract<ResolvedType, { readonly fields: readonly FieldEntry[] }>

function pathOf(path: string, { kind }: WithFields, { key }: FieldEntry): string {
  return kind === 'tuple' ? `${path}[${key}]` : `${path}.${key}`
}

function byId({ fields }: WithFields): ReadonlyMap<number, FieldEntry> {
  return new Map(fields.map((field) => [field.id, field]))
}

// What has to stay the same on the wire: an enumeration travels as its number does.
function layoutOf(type: Exclude<AnyType, { kind: 'lazy' }>): string {
  const form = 'form' in type && type.form ? ` (${type.form})` : ''
  return `${type.kind === 'exception' ? 'struct' : type.kind}${form}`
}
