// Runs on a fresh checkout, before anything is installed: nothing but Node itself may be imported here.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/**
 * Installs what the lock file names, unless it is there already.
 * @returns {boolean} false when the installation failed
 */
export function install() {
  if (installed()) return true
  console.log('Installing the dependencies (npm ci) …')
  // No package here needs its install script, and one that never runs can do no harm.
  const { status } = spawnSync(
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    },
  )
  return status === 0
}

// npm keeps a copy of the lock file of what it installed. Times of files say little after a checkout, so contents decide.
function installed() {
  const path = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(path)) return false
  const have = packagesOf(path)
  for (const [name, want] of Object.entries(packagesOf(join(root, 'package-lock.json')))) {
    if (name === '' || want.optional || want.devOptional || want.peer) continue
    if (have[name]?.version !== want.version || have[name]?.link !== want.link) return false
  }
  return true
}

/** @returns {Record<string, { version?: string, link?: boolean, optional?: boolean, devOptional?: boolean, peer?: boolean }>} */
function packagesOf(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages
}
