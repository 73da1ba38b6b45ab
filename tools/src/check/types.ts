import { tsc } from '../process.js'
import type { Check } from './check.js'

/** The tests run through a loader that strips types without looking at them. */
export const types: Check = {
  name: 'types',
  about: 'tests and tools type-check',
  async run({ root }) {
    const { status, output } = await tsc(['-p', 'tools', '--pretty', 'false'], { cwd: root })
    const problems = output.split('\n').filter((line) => /error TS/.test(line))
    return { problems: status === 0 || problems.length > 0 ? problems : [output.trim()] }
  },
}
