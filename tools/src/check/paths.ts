import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { readJson, sources } from '../workspace.js'
import type { Check } from './check.js'

const text = ['.ts', '.mjs', '.js', '.json', '.md', '.yml', '.yaml', '.template', '.sh', 'run', 'LICENSE']
// Home folders, where a checkout or a cache lies on somebody's machine.
const home = /(?<![\w.:/-])(\/(home|Users|root|work)\/[\w.-]+\/|[A-Za-z]:\\Users\\)/

interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly link?: boolean }>>
}

/** Nothing may depend on where, or through which mirror, somebody works. */
export const paths: Check = {
  name: 'paths',
  about: 'no file names a path of one machine, and the lock file names no download address',
  run({ root }) {
    const problems: string[] = []
    for (const file of sources(root, '.', text)) {
      if (file === 'tools/src/check/paths.ts' || /(^|\/)(\.git|vectors|corpus)\//.test(file)) continue
      for (const [index, line] of readFileSync(join(root, file), 'utf8').split('\n').entries())
        if (
          home.test(line) ||
          line.includes(`${root}/`) ||
          (homedir().length > 5 && line.includes(homedir()))
        )
          problems.push(`${file}:${index + 1} names a path of one machine`)
    }
    for (const [name, { resolved, link }] of Object.entries(
      readJson<Lock>(join(root, 'package-lock.json')).packages,
    ))
      if (resolved !== undefined && !link) problems.push(`package-lock.json: ${name} has a download address`)
    return { problems }
  },
}
