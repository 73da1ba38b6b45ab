/**
 * Who may import whom: a package's sources (not its tests) may import the packages on its line, and no other of this
 * repository. `transport-*` stands for every package whose name begins so. What is on no line may import nothing.
 *
 * Two rules are the point of it: server and client never see a transport or a codec, and a transport never sees a codec.
 * Apps, benchmarks and tools may import anything; they have no line.
 */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  context: ['contract'],
  wire: ['contract'],
  schema: ['contract'],
  'transport-socket': ['contract', 'wire'],
  'transport-*': ['contract', 'wire', 'transport-socket'],
  'codec-base': ['contract'],
  'codec-*': ['contract', 'schema', 'codec-base'],
  'protocol-*': ['contract', 'wire'],
  server: ['contract', 'wire', 'context'],
  client: ['contract', 'wire', 'context'],
  'client-lite': ['contract', 'wire'],
  push: ['contract', 'wire', 'server', 'client'],
  reflection: ['contract', 'wire', 'schema', 'server'],
  timers: ['contract', 'context'],
  workers: ['contract', 'context'],
  // Hands connections from process to process.
  prefork: ['contract', 'wire', 'server', 'transport-*'],
  // Composes strands, like an app.
  cli: ['contract', 'wire', 'client', 'push', 'codec-*', 'transport-*', 'protocol-*'],
  middleware: ['contract', 'context', 'wire'],
  // Its suites are imported by tests alone, which no line restricts.
  compliance: ['contract', 'schema', 'wire'],
}

/** The line of a package; undefined when it has none. */
export function arrowsOf(role: string): readonly string[] | undefined {
  if (Object.hasOwn(arrows, role)) return arrows[role]
  const family = `${role.split('-')[0]}-*`
  return Object.hasOwn(arrows, family) ? arrows[family] : undefined
}
