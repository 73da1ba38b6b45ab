import { tsc } from '../process.js'
import { repository } from '../workspace.js'
import type { Result } from './verify.js'

/** The exit code for "something failed, and the summary says so". Node's own for a crash is 1. */
const toldFailure = 3

/** What `npm test` runs once everything is installed. Its last line is the summary. */
async function test(): Promise<Result> {
  const start = performance.now()
  const { status, output } = await tsc(['-b', '--pretty', 'false'], { cwd: repository })
  if (status !== 0) {
    console.log(`✗ build\n${output}`)
    return { passed: 0, skipped: 0, failed: 1 }
  }
  console.log(`✓ build        (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  // What follows imports packages of this repository, which did not exist before.
  const { verify } = await import('./verify.js')
  return verify()
}

const { passed, skipped, failed } = await test()
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed > 0 ? toldFailure : 0
