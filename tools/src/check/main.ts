import { checks } from './all.js'
import { runChecks } from './run.js'

// `npm run check -- direction pack` runs only these.
const names = process.argv.slice(2)
const unknown = names.filter((name) => !checks.some((check) => check.name === name))
if (unknown.length > 0) {
  console.error(
    `There is no check ${unknown.join(', ')}. There are: ${checks.map(({ name }) => name).join(', ')}`,
  )
  process.exit(2)
}
const { failed } = await runChecks(
  names.length === 0 ? checks : checks.filter(({ name }) => names.includes(name)),
)
process.exitCode = failed > 0 ? 1 : 0
