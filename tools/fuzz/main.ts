import { toHex } from './bytes.js'
import { runCampaign } from './campaign.js'
import { type Options, readOptions } from './options.js'
import { targets } from './targets/all.js'
import { Watch } from './watch.js'

const usage = `Usage: npm run fuzz -- [--seed 1] [--runs 20000] [--seconds 60] [--from 0] [--only ${[...targets.keys()].join()}] [--collect]`
const shownHex = 400

/** Returns the exit code. */
async function fuzz({ seed, runs, seconds, from, targets: names, collect }: Options): Promise<number> {
  const start = performance.now()
  const until = start + seconds * 1_000
  let code = 0
  for (const [index, name] of names.entries()) {
    // What one target leaves of its share goes to those after it.
    const share = (until - performance.now()) / (names.length - index)
    const begun = performance.now()
    const target = await targets.get(name)!()
    using watch = new Watch()
    const plan = { seed, from, runs, until: begun + share, collect }
    const done = await runCampaign(target, plan, watch, (run) => progress(`${name} ${run} of ${runs}`))
    progress('')
    const took = (performance.now() - begun) / 1_000
    const more = done.collected > 0 && !done.found ? `, ${done.collected} of them new in the corpus` : ''
    console.log(
      `${done.found ? '✗' : '✓'} ${name.padEnd(9)} ${String(done.runs).padStart(7)} inputs in ${took.toFixed(1)} s, ${done.labels} outcomes${more}`,
    )
    if (!done.found) continue
    code = 1
    const { number, find, input } = done.found
    const hex = toHex(input)
    console.log(`  ${find.kind}: ${find.text.replaceAll('\n', '\n    ')}`)
    console.log(
      `  input: ${hex.length > shownHex ? `${hex.slice(0, shownHex)}… (${input.length} bytes)` : hex}`,
    )
    console.log(`  again: npm run fuzz -- --only ${name} --seed ${seed} --from ${number} --runs 1`)
    console.log(`  It is in tools/fuzz/corpus/${name}.json, to be kept once its result is decided.`)
  }
  return code
}

function progress(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${text}`)
}

let options: Options | undefined
try {
  options = readOptions(process.argv.slice(2), [...targets.keys()])
} catch (error) {
  if (!(error instanceof TypeError)) throw error
  console.error(`${error.message}\n${usage}`)
  process.exitCode = 2
}
if (options) process.exitCode = await fuzz(options)
