import { parseArgs } from 'node:util'
import { showcase } from './showcase.js'
import { openSite } from './site.js'

const usage = `Usage: npm start [-- --once]

  --once   end after the table, with 0, or 1 if any check failed`

try {
  const { values } = parseArgs({ options: { once: { type: 'boolean' }, help: { type: 'boolean' } } })
  if (values.help) console.log(usage)
  else {
    await using site = await openSite()
    process.exitCode = await showcase(site, { once: values.once ?? false })
  }
} catch (error) {
  if (!(error instanceof TypeError && 'code' in error)) throw error
  console.error(`${error.message}\n\n${usage}`)
  process.exitCode = 2
}
