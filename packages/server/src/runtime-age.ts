import type { Log } from '@hawser/contract'

// The first release of each line without the known holes that a peer could use, hash flooding among them.
const soundSince: Readonly<Record<number, readonly [minor: number, patch: number]>> = {
  20: [20, 2],
  22: [22, 2],
  24: [14, 1],
}

/**
 * Tells of a Node.js release with known holes. Runtimes without Node's version number are left alone.
 * @param version as in `process.versions.node`
 */
export function warnOfOldRuntime(log: Log, version: string | undefined = runtimeVersion()): void {
  const [major = 0, minor = 0, patch = 0] = (version ?? '').split('.').map(Number)
  const sound = soundSince[major]
  const old = sound ? minor < sound[0] || (minor === sound[0] && patch < sound[1]) : major > 0 && major < 24
  if (!old) return
  log({
    level: 'warn',
    event: 'runtime_outdated',
    message: `Node.js ${version} has known holes; use 20.20.2, 22.22.2, 24.14.1 or newer of these lines, or a later one`,
  })
}

function runtimeVersion(): string | undefined {
  return (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node
}
