const keywords =
  'any arguments async await bigint boolean break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let never new null number object package private protected public return static string super switch symbol this throw true try type typeof undefined unknown var void while with yield'
const globals =
  'Array Boolean Error Function Infinity Map Math NaN Number Object Promise ReadonlyMap ReturnType Set String Symbol Uint8Array globalThis'
const builders =
  'bool bytes clientStream closed delimited double duplex EnumerationType enumeration expanded field float i32 i64 inForm lazy list map message MethodOf optional serverStream service StructType u32 u64 unary withDefault'

const taken: ReadonlySet<string> = new Set(`${keywords} ${globals} ${builders}`.split(' '))

/** Identifiers for full names: without their package where that leaves them different, and with `_` for what is inside. */
export function identifiersOf(names: readonly string[]): ReadonlyMap<string, string> {
  const known = new Set(names)
  const short = names.map((name): [string, string] => [name, shortened(name, known)])
  const counts = new Map<string, number>()
  // A message has a second name, for what is written of it.
  for (const [, each] of short)
    for (const identifier of [each, `${each}Input`]) counts.set(identifier, (counts.get(identifier) ?? 0) + 1)
  const found = new Map<string, string>()
  const used = new Set<string>()
  for (const [name, each] of short) {
    const alone = counts.get(each) === 1 && counts.get(`${each}Input`) === 1
    let identifier = alone ? each : name.replaceAll('.', '_')
    while (taken.has(identifier) || used.has(identifier) || used.has(`${identifier}Input`)) identifier += '_'
    used.add(identifier).add(`${identifier}Input`)
    found.set(name, identifier)
  }
  return found
}

function shortened(name: string, known: ReadonlySet<string>): string {
  const levels = name.split('.')
  const first = levels.findIndex((_, at) => known.has(levels.slice(0, at + 1).join('.')))
  return levels.slice(first).join('_')
}
