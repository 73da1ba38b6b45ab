import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { repository } from './workspace.js'

/** How a child process ended. */
export interface Outcome {
  /** 0 for success; 1 when a signal ended it or it could not be started. */
  readonly status: number
  /** Standard output and standard error, as they came. */
  readonly output: string
}

/** What {@link run} may be told. */
export interface RunOptions {
  readonly cwd?: string
  /** Set on top of this process's environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Called with every piece of output. */
  readonly onOutput?: (text: string) => void
}

/** Runs a program to its end. Never rejects. */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const child = spawn(program, args, {
    cwd: options.cwd ?? repository,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32' && program === 'npm',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output += text
      options.onOutput?.(text)
    })
  }
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ status: 1, output: `${output}${error.message}\n` }))
    child.on('close', (status) => resolve({ status: status ?? 1, output }))
  })
}

/** Runs a program of this repository's node_modules, which is a JavaScript file, with this same Node. */
export function runTool(file: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return run(process.execPath, [join(repository, 'node_modules', file), ...args], options)
}

/** The TypeScript compiler. */
export function tsc(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return runTool('typescript/lib/tsc.js', args, options)
}
