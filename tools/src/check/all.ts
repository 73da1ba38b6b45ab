import type { Check } from './check.js'
import { dependencies } from './dependencies.js'
import { direction } from './direction.js'
import { files } from './files.js'
import { generated } from './generated.js'
import { lock } from './lock.js'
import { manifests } from './manifests.js'
import { neutrality } from './neutral.js'
import { pack } from './pack.js'
import { paths } from './paths.js'
import { references } from './references.js'
import { snippets } from './snippets.js'
import { types } from './types.js'

/** In the order they run: the quick ones first. */
export const checks: readonly Check[] = [
  direction,
  dependencies,
  references,
  manifests,
  files,
  paths,
  generated,
  lock,
  neutrality,
  types,
  snippets,
  pack,
]
