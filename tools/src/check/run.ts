import { readWorkspace, type Workspace } from '../workspace.js'
import { checks as allChecks } from './all.js'
import type { Check } from './check.js'

/** How many checks found nothing, and how many something. */
export interface Tally {
  readonly passed: number
  readonly failed: number
}

/** Runs checks one after another and prints what they find. */
export async function runChecks(
  checks: readonly Check[] = allChecks,
  workspace: Workspace = readWorkspace(),
  print: (line: string) => void = console.log,
): Promise<Tally> {
  let failed = 0
  for (const check of checks) {
    const start = performance.now()
    const { problems, note } = await findingOf(check, workspace)
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    if (problems.length > 0) failed++
    print(
      `${problems.length > 0 ? '✗' : '✓'} ${check.name.padEnd(13)}${note ?? ''}${note ? ' ' : ''}(${seconds} s)`,
    )
    if (problems.length > 0) print(`  rule: ${check.about}`)
    for (const problem of problems) print(`    ${problem}`)
  }
  return { passed: checks.length - failed, failed }
}

async function findingOf(check: Check, workspace: Workspace): Promise<Awaited<ReturnType<Check['run']>>> {
  try {
    return await check.run(workspace)
  } catch (error) {
    // A check that breaks has shown nothing.
    return { problems: [error instanceof Error ? (error.stack ?? error.message) : String(error)] }
  }
}
