import { staleFiles } from '../docs/generated.js'
import type { Check } from './check.js'

/** What is generated is committed too, so that it can be read without running anything. */
export const generated: Check = {
  name: 'generated',
  about: 'generated files are current',
  run(workspace) {
    return { problems: staleFiles(workspace).map((path) => `${path}: is stale, run npm run docs`) }
  },
}
