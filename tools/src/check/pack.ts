import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { binProblems, importProblems, installInto, typeProblems } from '../pack/consumer.js'
import { attwProblems, publintProblems } from '../pack/lint.js'
import { contentProblems, packAll } from '../pack/tarballs.js'
import type { Check } from './check.js'

/** What a user gets, tried as a user would. */
export const pack: Check = {
  name: 'pack',
  about:
    'every packed package installs into an empty project and works there, with types, by import and by require',
  async run(workspace) {
    const folder = mkdtempSync(join(tmpdir(), 'hawser-pack-'))
    try {
      const tarballs = await packAll(workspace, folder)
      const project = join(folder, 'project')
      mkdirSync(project)
      const consumer = await installInto(project, workspace, tarballs)
      const found = await Promise.all([
        importProblems(consumer),
        binProblems(consumer),
        typeProblems(consumer),
        ...tarballs.map(({ name }) => publintProblems(name, join(project, 'node_modules', name))),
        ...tarballs.map(attwProblems),
      ])
      return {
        problems: [...tarballs.flatMap(contentProblems), ...found.flat()],
        note: `${tarballs.length} packages, ${consumer.specifiers.length} entries`,
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
