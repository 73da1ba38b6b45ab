import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runTool } from '../process.js'

/**
 * tap's test class is built from its plugins, and as it is installed it has one that .taprc turns off. Every `tap` would
 * build it anew, several at a time over one another, so it is done once before.
 * @returns what went wrong, if anything
 */
export async function buildTapPlugins(root: string): Promise<string | undefined> {
  if (current(root)) return undefined
  const { status, output } = await runTool('tap/dist/esm/run.mjs', ['build'], { cwd: root })
  return status === 0 && current(root) ? undefined : `tap build failed: ${output.trim()}`
}

function current(root: string): boolean {
  const built = join(root, 'node_modules', '@tapjs', 'test', 'test-built', 'dist', 'esm', 'index.js')
  if (!existsSync(built)) return false
  const signature = /export const signature = `([^`]*)`/.exec(readFileSync(built, 'utf8'))?.[1]
  const off = [...readFileSync(join(root, '.taprc'), 'utf8').matchAll(/^\s*- "!(@?[^"]+)"/gm)].map(
    (match) => match[1]!,
  )
  return signature !== undefined && off.every((plugin) => !signature.includes(plugin))
}
