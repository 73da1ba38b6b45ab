import { run, runTool } from '../process.js'
import { readWorkspace, repository } from '../workspace.js'
import { generate, type Kind, kinds } from './generate.js'

const [kind, name, ...rest] = process.argv.slice(2)
if (!kinds.includes(kind as Kind) || name === undefined || rest.length > 0) {
  console.error(`Usage: npm run new -- ${kinds.join('|')} <name>`)
  process.exit(2)
}
try {
  const path = generate(readWorkspace(), kind as Kind, name)
  // A long name may need other line breaks than the templates have.
  await runTool('@biomejs/biome/bin/biome', ['check', '--write', path])
  // Links the new package, and writes it into the lock file.
  const { status, output } = await run('npm', ['install', '--ignore-scripts', '--prefer-offline'], {
    cwd: repository,
  })
  if (status !== 0) throw new TypeError(`npm install failed:\n${output}`)
  console.log(`Made ${path}. Its compliance suite is red; turn it green:

  npm run build && npm test --workspace ${path}

docs/contributing.md walks through it.`)
} catch (error) {
  if (!(error instanceof TypeError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
