// `npm test`: installs, then hands over to tools/src/test, which builds, checks and tests.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { install, root } from './install.mjs'

if (!install()) fail('The dependencies could not be installed.')
const run = spawnSync(process.execPath, ['--import=tsx', join(root, 'tools', 'src', 'test', 'main.ts')], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
})
// 0 and 3 are its verdicts, told in its own last line. Anything else means that it did not get that far.
if (run.status !== 0 && run.status !== 3)
  fail(`The test run broke off (${run.signal ?? run.status ?? run.error}).`)
process.exit(run.status === 0 ? 0 : 1)

function fail(why) {
  console.log(`\n${why}\n0 passed, 1 failed`)
  process.exit(1)
}
