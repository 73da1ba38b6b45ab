import { runChecks } from '../check/run.js'
import { runTool } from '../process.js'
import { readWorkspace, repository } from '../workspace.js'
import { buildTapPlugins } from './plugins.js'
import { runSuites } from './suites.js'

/** Counts of tests and checks. */
export interface Result {
  readonly passed: number
  readonly skipped: number
  readonly failed: number
}

/** Everything `npm test` does after the build: lint, checks, all packages' tests. */
export async function verify(): Promise<Result> {
  const lint = await runTool('@biomejs/biome/bin/biome', [
    'check',
    '--error-on-warnings',
    '--colors=off',
    '.',
  ])
  const linted = lint.status === 0
  console.log(linted ? '✓ lint, format' : `✗ lint, format (npm run format repairs most)\n${lint.output}`)
  const workspace = readWorkspace()
  const checks = await runChecks(undefined, workspace)
  const plugins = await buildTapPlugins(repository)
  if (plugins !== undefined) console.log(plugins)
  const suites =
    plugins === undefined
      ? await runSuites(workspace, console.log)
      : { passed: 0, skipped: 0, failed: workspace.all.length }
  // A run in which no test ran has shown nothing.
  const none = suites.passed + suites.failed === 0 ? 1 : 0
  return {
    passed: 1 + (linted ? 1 : 0) + checks.passed + suites.passed,
    skipped: suites.skipped,
    failed: (linted ? 0 : 1) + checks.failed + suites.failed + none,
  }
}
