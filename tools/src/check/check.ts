import type { Workspace } from '../workspace.js'

/** What a check found. */
export interface Finding {
  /** One line each, beginning with the file: `packages/wire/src/hello.ts:3 imports …`. None: the check passed. */
  readonly problems: readonly string[]
  /** Something worth knowing all the same. */
  readonly note?: string
}

/** A rule of this repository. */
export interface Check {
  readonly name: string
  /** The rule in a sentence. */
  readonly about: string
  run(workspace: Workspace): Finding | Promise<Finding>
}
