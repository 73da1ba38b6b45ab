import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { ways } from '../src/strands.js'
import { run, start } from './process.js'

harness(t)
t.setTimeout(180_000)

t.test(
  'it serves on, the lines it prints call it from elsewhere, and Ctrl-C ends it',
  { timeout: 180_000 },
  async (t) => {
    // The usual port is taken, by this test or by whoever had it before.
    const squatter = createServer()
    const taken = await new Promise<boolean>((resolve) => {
      squatter.once('error', () => resolve(false))
      squatter.listen(57_000, '127.0.0.1', () => resolve(true))
    })
    t.teardown(() => new Promise((resolve) => (taken ? squatter.close(resolve) : resolve(undefined))))

    const child = start('../src/main.ts')
    t.teardown(() => child.kill('SIGKILL'))
    const commands: string[][] = []
    let curl = ''
    for await (const line of createInterface({ input: child.stdout! })) {
      const command = /^ +npm run call -w apps\/showcase -- (.+)$/.exec(line)?.[1]
      if (command) commands.push(command.split(' '))
      if (/^ +curl /.test(line)) curl = line.trim()
      if (line.startsWith('Ctrl-C')) break
    }
    t.equal(commands.length, ways({}, '').filter((way) => way.callOptions).length)
    t.notMatch(commands[0], [/:57000$/], 'not at the port that was taken')
    for (const [index, command] of commands.entries()) {
      const { code, lines, errors } = await run('../src/call.ts', ...command)
      t.equal(code, 0, errors)
      if (index === 0) t.same(lines, ['123'])
      else t.ok(lines.length > 0)
    }
    const found = execFileSync('sh', ['-c', `${curl} --silent`], { encoding: 'utf8' })
    t.match(JSON.parse(found), [{ text: /deadline/ }])
    const refused = await run('../src/call.ts', commands[0]![0]!, '/no_such_method')
    t.equal(refused.code, 1)
    t.match(refused.errors, /^unimplemented: /)

    child.kill('SIGINT')
    t.same(await once(child, 'exit'), [0, null])
  },
)

t.test('Ctrl-C ends it in the middle of the table, too', async (t) => {
  const child = start('../src/main.ts')
  t.teardown(() => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout! })
  for await (const line of lines) if (line.startsWith('transport')) break
  child.kill('SIGINT')
  t.same(await once(child, 'exit'), [130, null])
})
