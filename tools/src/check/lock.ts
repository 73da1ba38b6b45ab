import { join } from 'node:path'
import { run } from '../process.js'
import { readJson } from '../workspace.js'
import type { Check } from './check.js'

interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly link?: boolean }>>
}

/** A fresh checkout installs by the lock file alone. */
export const lock: Check = {
  name: 'lock',
  about: 'npm ci accepts the lock file, which names no download address',
  async run({ root }) {
    const problems: string[] = []
    for (const [name, { resolved, link }] of Object.entries(
      readJson<Lock>(join(root, 'package-lock.json')).packages,
    ))
      if (resolved !== undefined && !link) problems.push(`package-lock.json: ${name} has a download address`)
    const flags = ['--dry-run', '--offline', '--ignore-scripts', '--no-audit', '--loglevel=error']
    const { status, output } = await run('npm', ['ci', ...flags], { cwd: root })
    const complaints = output.split('\n').filter((line) => /error (Missing|Invalid|code)/.test(line))
    if (status !== 0)
      problems.push(...complaints.map((line) => `package-lock.json: ${line.replace('npm error ', '')}`))
    return { problems: status !== 0 && complaints.length === 0 ? [...problems, output.trim()] : problems }
  },
}
