import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { readJson } from '../workspace.js'
import type { Tarball } from './tarballs.js'

/** What publint says of an installed package. */
export async function publintProblems(name: string, folder: string): Promise<string[]> {
  const { messages } = await publint({ pkgDir: folder, pack: false, strict: true, level: 'warning' })
  const manifest = readJson<Record<string, unknown>>(join(folder, 'package.json'))
  return messages.map((message) => `${name}: publint: ${formatMessage(message, manifest, { color: false })}`)
}

/** What "are the types wrong" says of a tarball, for users of ES modules (see {@link ignored}). */
export async function attwProblems({ name, path }: Tarball): Promise<string[]> {
  const result = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(path))))
  if (!result.types) return [`${name}: attw: has no types`]
  return result.problems
    .filter((problem) => !ignored(problem))
    .map((problem) =>
      `${name}: attw: ${problem.kind} ${'entrypoint' in problem ? problem.entrypoint : ''}`.trimEnd(),
    )
}

// The packages are ES modules only: `require` of them is Node's own business since 20.19 (and is tried for real), and the
// resolution of before there were exports is not offered.
function ignored(problem: Problem): boolean {
  if ('resolutionKind' in problem)
    return problem.resolutionKind === 'node10' || problem.resolutionKind === 'node16-cjs'
  return 'resolutionOption' in problem && problem.resolutionOption === 'node10'
}
