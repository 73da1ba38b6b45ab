import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { runTool } from '../process.js'
import type { Package, Workspace } from '../workspace.js'
import { type Failure, type Tests, testsOf } from './tap.js'

/** How all packages' tests went. */
export interface SuitesResult {
  readonly passed: number
  readonly skipped: number
  readonly failed: number
}

// Where each package's tests leave their TAP; nx.json keeps it in the cache under the same name.
const report = join('.tap', 'report.tap')

/** Runs the tests of every package through nx and prints one line for each, with the failures below it. */
export async function runSuites(workspace: Workspace, print: (line: string) => void): Promise<SuitesResult> {
  const { root } = workspace
  const packages = workspace.all.filter(({ manifest }) => manifest.scripts?.test)
  for (const { path } of packages) {
    // A report from before would pass for the result of a run that died.
    rmSync(join(root, path, report), { force: true })
    mkdirSync(join(root, path, '.tap'), { recursive: true })
  }
  const shown = new Map<string, Tests>()
  let output = ''
  const { status } = await runTool('nx/dist/bin/nx.js', arguments_(), {
    cwd: root,
    env: {
      NX_DAEMON: 'false',
      NX_NO_CLOUD: 'true',
      NX_TUI: 'false',
      // nx runs packages side by side, so that inside one package files follow one another.
      // nx would ask for colours, which end up in the output that tests look at.
      FORCE_COLOR: '0',
      TAP_JOBS: '1',
      TAP_REPORTER: 'tap',
      TAP_REPORTER_FILE: report,
      // Set by a tap that runs this in turn, which is what this file's own test does.
      TAP: '',
    },
    onOutput(text) {
      output += text
      // nx prints this line when a package is done.
      for (const [, name] of output.matchAll(/^> nx run (\S+):test/gm)) {
        const done = packages.find(({ manifest }) => manifest.name === name)
        if (done && !shown.has(done.path)) show(done, false)
      }
    },
  })
  for (const each of packages) if (!shown.has(each.path)) show(each, true)
  const results = [...shown.values()]
  const failed = sum(results.map(({ failures }) => failures.length))
  if (status !== 0) print(failed === 0 ? `nx failed:\n${output}` : outputOf(packages, shown, output))
  return {
    passed: sum(results.map(({ passed }) => passed)),
    skipped: sum(results.map(({ skipped }) => skipped)),
    failed: status !== 0 && failed === 0 ? 1 : failed,
  }

  function show(done: Package, missing: boolean): void {
    const file = join(root, done.path, report)
    const tests = testsOf(existsSync(file) ? readFileSync(file, 'utf8') : '')
    const none = tests.passed + tests.skipped + tests.failures.length === 0
    const why = missing ? 'its tests did not run' : 'its tests ended without a result'
    const counted = none ? { ...tests, failures: [{ name: done.path, text: why }] } : tests
    shown.set(done.path, counted)
    for (const line of linesOf(done, counted)) print(line)
  }
}

function arguments_(): string[] {
  const parallel = Math.max(1, Math.min(4, availableParallelism()))
  const args = ['run-many', '-t', 'test', `--parallel=${parallel}`, '--output-style=static', '--nxBail=false']
  // In CI nothing may pass because it passed before.
  return process.env.CI ? [...args, '--skip-nx-cache'] : args
}

function linesOf({ path }: Package, { passed, skipped, failures, time }: Tests): string[] {
  const counts = [`${passed} passed`]
  if (failures.length > 0) counts.push(`${failures.length} failed`)
  if (skipped > 0) counts.push(`${skipped} skipped`)
  return [
    `${failures.length > 0 ? '✗' : '✓'} ${path.padEnd(28)} ${counts.join(', ')} (${(time / 1000).toFixed(1)} s)`,
    ...failures.flatMap(failureLines),
  ]
}

function failureLines({ name, text }: Failure): string[] {
  return [`  ✗ ${name}`, text.replace(/^(?=.)/gm, '      ')]
}

/** What the tests of the failed packages wrote, without the rest. */
function outputOf(packages: readonly Package[], shown: ReadonlyMap<string, Tests>, output: string): string {
  const failed = packages.filter(({ path }) => (shown.get(path)?.failures.length ?? 0) > 0)
  const names = new Set(failed.map(({ manifest }) => manifest.name))
  const sections = output
    .split(/^(?=> nx run )/m)
    .filter((section) => names.has(/^> nx run (\S+):test/.exec(section)?.[1] ?? ''))
  return sections.map((section) => section.replace(/\n\s*NX [\s\S]*$/, '').trimEnd()).join('\n\n')
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
