import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { readCorpus, undecided } from '../fuzz/corpus.js'
import { targets } from '../fuzz/targets/all.js'
import { isFind, Watch } from '../fuzz/watch.js'

harness(t)

for (const [name, make] of targets) {
  t.test(`${name}: every input kept still comes to its result, and harms nothing`, async (t) => {
    const target = await make()
    const entries = readCorpus(name)
    t.ok(entries.length > 0, 'there are inputs')
    using watch = new Watch()
    for (const { label, result, input } of entries) {
      const outcome = await watch.run(target, input)
      if (isFind(outcome)) t.fail(`${label}: ${outcome.kind}: ${outcome.text}`)
      else if (result !== undecided && outcome.result !== result)
        t.fail(`${label}: came to ${outcome.result} instead of ${result}`)
    }
    t.equal(await watch.rest(), undefined, 'nothing came to light later')
  })
}
