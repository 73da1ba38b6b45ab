import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Fence, fencesOf } from '../markdown.js'
import { tsc } from '../process.js'
import { sources, type Workspace } from '../workspace.js'
import type { Check } from './check.js'

/**
 * Every block fenced as `ts` in a README or under docs/ is a module of its own. `ts continue` goes on with the block before
 * it, and `ts nocheck` is left out, and counted.
 */
export const snippets: Check = {
  name: 'snippets',
  about: 'the ts blocks of README.md, packages/*/README.md and docs/*.md compile',
  async run(workspace) {
    const modules: Module[] = []
    let unchecked = 0
    const problems: string[] = []
    for (const file of documentsOf(workspace)) {
      const found = modulesOf(file, readFileSync(join(workspace.root, file), 'utf8'))
      modules.push(...found.modules)
      problems.push(...found.problems)
      unchecked += found.unchecked
    }
    problems.push(...(await compile(workspace, modules)))
    const count = modules.reduce((sum, each) => sum + each.fences.length, 0)
    return { problems, note: `${count} compiled${unchecked ? `, ${unchecked} marked nocheck` : ''}` }
  },
}

/** Blocks of a document that make one module. */
export interface Module {
  readonly file: string
  readonly fences: Fence[]
}

/** The modules in the text of a document, blocks that are marked wrongly, and how many are marked `nocheck`. */
export function modulesOf(
  file: string,
  markdown: string,
): { readonly modules: Module[]; readonly problems: string[]; readonly unchecked: number } {
  const modules: Module[] = []
  const problems: string[] = []
  let unchecked = 0
  for (const fence of fencesOf(markdown)) {
    const [language, mark, ...rest] = fence.info
    if (language !== 'ts') continue
    if (mark === 'nocheck' && rest.length === 0) unchecked++
    else if (mark === 'continue' && rest.length === 0 && modules.length > 0)
      modules.at(-1)!.fences.push(fence)
    else if (mark === undefined) modules.push({ file, fences: [fence] })
    else problems.push(`${file}:${fence.line - 1} cannot be marked: ${fence.info.join(' ')}`)
  }
  return { modules, problems, unchecked }
}

function documentsOf({ root, published }: Workspace): string[] {
  return [
    'README.md',
    ...published.map(({ path }) => `${path}/README.md`),
    ...sources(root, 'docs', ['.md']),
  ].filter((path) => existsSync(join(root, path)))
}

async function compile({ root }: Workspace, modules: readonly Module[]): Promise<string[]> {
  // Inside the repository, so that imports resolve as they do for a user who has the packages installed.
  const folder = join(root, 'tools', '.snippets')
  rmSync(folder, { recursive: true, force: true })
  if (modules.length === 0) return []
  mkdirSync(folder, { recursive: true })
  const origins = new Map<string, string>()
  for (const [index, { file, fences }] of modules.entries()) {
    const name = `${index}.ts`
    origins.set(name, file)
    writeFileSync(join(folder, name), sourceOf(fences))
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const { status, output } = await tsc(['-p', folder, '--pretty', 'false'], { cwd: folder })
  if (status === 0) return []
  const lines = output.split('\n').filter((line) => line !== '' && !line.startsWith(' '))
  // The generated files keep the line numbers of the documents they come from.
  return lines.map((line) =>
    line.replace(/^(\d+\.ts)\((\d+),\d+\): (error )?/, (_, name, at) => `${origins.get(name)}:${at} `),
  )
}

const config = {
  extends: '../../tsconfig.base.json',
  compilerOptions: {
    types: ['node'],
    noEmit: true,
    composite: false,
    declaration: false,
    declarationMap: false,
    isolatedDeclarations: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
  },
}

/** The text of a module; its lines are numbered as in the document. */
export function sourceOf(fences: readonly Fence[]): string {
  const lines: string[] = []
  for (const { code, line } of fences) {
    while (lines.length < line - 1) lines.push('')
    lines.push(...code.split('\n'))
  }
  return `${lines.join('\n')}\nexport {}\n`
}
