import { runChecks } from '../check/run.js'
import { runTool, tsc } from '../process.js'
import { readWorkspace, repository } from '../workspace.js'
import { buildTapPlugins } from './plugins.js'
import { runSuites } from './suites.js'

/** What `npm test` runs once everything is installed. Its last line is the summary. */
async function test(): Promise<{ passed: number; skipped: number; failed: number }> {
  const broken = { passed: 0, skipped: 0, failed: 1 }
  const start = performance.now()
  const built = await tsc(['-b', '--pretty', 'false'], { cwd: repository })
  if (built.status !== 0) {
    console.log(`✗ build\n${built.output}`)
    return broken
  }
  console.log(`✓ build        (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  const plugins = await buildTapPlugins(repository)
  if (plugins !== undefined) {
    console.log(plugins)
    return broken
  }
  const lint = await runTool('@biomejs/biome/bin/biome', [
    'check',
    '--error-on-warnings',
    '--colors=off',
    '.',
  ])
  console.log(
    lint.status === 0 ? '✓ lint, format' : `✗ lint, format (npm run format repairs most)\n${lint.output}`,
  )
  const workspace = readWorkspace()
  const checks = await runChecks(undefined, workspace)
  const suites = await runSuites(workspace, console.log)
  return {
    passed: 1 + (lint.status === 0 ? 1 : 0) + checks.passed + suites.passed,
    skipped: suites.skipped,
    // A run in which no test ran has shown nothing.
    failed:
      (lint.status === 0 ? 0 : 1) +
      checks.failed +
      suites.failed +
      (suites.passed + suites.failed === 0 ? 1 : 0),
  }
}

function report({ passed, skipped, failed }: { passed: number; skipped: number; failed: number }): void {
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  process.exitCode = failed > 0 ? 1 : 0
}

try {
  report(await test())
} catch (error) {
  console.log(error)
  report({ passed: 0, skipped: 0, failed: 1 })
}
