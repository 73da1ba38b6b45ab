import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runTool } from '../src/process.js'
import { type Tests, testsOf } from '../src/test/tap.js'

const file = `TAP version 14
# Subtest: test/hello.test.ts
    # Subtest: a hello is answered
        ok 1 - should be equal
        ok 2 - should be equal
        1..2
    ok 1 - a hello is answered # time=3ms
    # Subtest: a group
        # Subtest: inner good
            1..0
        ok 1 - inner good
        # Subtest: inner bad
            not ok 1 - should be equal
              ---
              diff: |
                -1
                +2
              ...
            1..1
        not ok 2 - inner bad
        1..2
    not ok 2 - a group
    ok 3 - later # SKIP no browser
    # Subtest: off
        1..0 # SKIP no broker
    ok 4 - off # SKIP no broker
    1..4
not ok 1 - test/hello.test.ts
# Subtest: test/plain.test.ts
    ok 1 - a bare assertion
    1..1
ok 2 - test/plain.test.ts
1..2
`

t.test('named tests are counted, the innermost ones', async (t) => {
  const { passed, skipped, failures } = testsOf(file)
  // a hello is answered, inner good, the file without named tests
  t.equal(passed, 3)
  t.equal(skipped, 1)
  t.equal(failures.length, 1)
  t.equal(failures[0]?.name, 'test/hello.test.ts > a group > inner bad')
  t.match(failures[0]?.text, /not ok: should be equal\n {2}diff:\n {4}-1\n {4}\+2/)
})

t.test('a test run that ended in the middle has failed, whatever it said before', async (t) => {
  const cut =
    'TAP version 14\n# Subtest: test/a.test.ts\n    # Subtest: one\n        ok 1 - x\n        1..1\n    ok 1 - one\n'
  const { passed, failures } = testsOf(cut)
  t.equal(passed, 1)
  t.equal(failures.length, 1)
  t.equal(testsOf('TAP version 14\nok 1 - x\n').failures.length, 1, 'no plan')
  t.equal(testsOf('TAP version 14\nBail out! no disk\n').failures.length, 1)
})

t.test('a file that ran out of time is told by its name', async (t) => {
  const late =
    '1..1\n# Subtest: test/a.test.ts\n    # Subtest: one\n        ok 1 - x\nnot ok 1 - timeout!\n  ---\n  expired: TAP\n  ...\n'
  const { failures } = testsOf(late)
  t.equal(failures.length, 1)
  t.match(failures[0]?.name, /^test\/a\.test\.ts/)
})

t.test('nothing at all counts as nothing', async (t) => {
  t.same(testsOf(''), { passed: 0, skipped: 0, failures: [], time: 0 })
})

async function tap(dir: string, ...args: string[]): Promise<Tests> {
  const fixed = ['--reporter=tap', '--reporter-file=report.tap', '--disable-coverage', '--jobs=2']
  const env = { TAP: '', TAP_REPORTER: '', TAP_REPORTER_FILE: '' }
  const { status } = await runTool('tap/dist/esm/run.mjs', [...fixed, ...args], { cwd: dir, env })
  t.equal(status, 1)
  return testsOf(readFileSync(join(dir, 'report.tap'), 'utf8'))
}

const config = {
  'package.json': '{ "type": "module" }',
  '.taprc': 'plugin:\n  - "!@tapjs/typescript"\n',
}

t.test('real reports are understood: whatever way a file dies, it fails once', async (t) => {
  const dir = t.testdir({
    ...config,
    'good.test.js': "import t from 'tap'\nt.test('good', async (t) => t.ok(1))\n",
    'throws.test.js':
      "import t from 'tap'\nt.test('fine', async (t) => t.ok(1))\nthrow new Error('out of it')\n",
    'exits.test.js': "import t from 'tap'\nt.test('cut', async (t) => { t.ok(1); process.exit(3) })\n",
    'killed.test.js':
      "import t from 'tap'\nt.test('dies', async () => process.kill(process.pid, 'SIGKILL'))\n",
    'syntax.test.js': 'import t from\n',
  })
  const names = ['exits.test.js', 'killed.test.js', 'syntax.test.js', 'throws.test.js']
  const { passed, failures } = await tap(dir, 'good.test.js', ...names)
  t.equal(passed, 2)
  t.same(failures.map(({ name }) => name.split(' ')[0]).sort(), names)
})

t.test('a test that hangs fails', async (t) => {
  const hangs = "import t from 'tap'\nt.test('hangs', () => new Promise(() => setInterval(() => {}, 1000)))\n"
  const dir = t.testdir({ ...config, 'hangs.test.js': hangs })
  const { passed, failures } = await tap(dir, '--timeout=1', 'hangs.test.js')
  t.equal(passed, 0)
  t.match(failures[0]?.name, 'hangs.test.js')
})
