import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { sources } from '../workspace.js'
import type { Check } from './check.js'

const text = ['.ts', '.mjs', '.js', '.json', '.md', '.yml', '.yaml', '.template', '.sh', 'run', 'LICENSE']
// Home folders, where a checkout or a cache lies on somebody's machine.
const home = /(?<![\w.:/-])(\/(home|Users|root|work)\/[\w.-]+\/|[A-Za-z]:\\Users\\)/

/** Nothing may depend on where somebody works. */
export const paths: Check = {
  name: 'paths',
  about: 'no file names a path of one machine',
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
    return { problems }
  },
}
