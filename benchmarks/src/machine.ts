import { createRequire } from 'node:module'
import { cpus, release, totalmem, type } from 'node:os'

/** What the figures were taken on; no names of hosts or people. */
export function describeMachine(): string {
  const processors = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return [
    `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}`,
    `${memory} GiB memory`,
    // What follows the numbers is the builder's name for it.
    `${type()} ${/^[\d.]*\d/.exec(release())?.[0] ?? ''} ${process.arch}`,
    `Node.js ${process.version}`,
  ].join(', ')
}

/** The version of an installed package. */
export function versionOf(name: string): string {
  const require = createRequire(import.meta.url)
  // Not every package exports its manifest, so it is looked for in the folders where Node.js looks.
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return (require(`${folder}/${name}/package.json`) as { version: string }).version
    } catch {}
  }
  return 'not installed'
}
