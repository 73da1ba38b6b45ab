#!/usr/bin/env node
import { generate } from './idl/generate.js'
import { host } from './idl/host.js'
import { load } from './idl/load.js'

const usage = `hawser-codec-protobuf gen [--root folder] [--keep-case] file.proto out.ts

Writes the types and services of a .proto as a TypeScript module. Imports are looked for
below the root, which is the folder of the file unless it is given.`

const { process, files, paths } = host()

function run(options: readonly string[]): void {
  const rest = [...options]
  const keepCase = take(rest, '--keep-case', 1).length > 0
  const [, given] = take(rest, '--root', 2)
  const [command, from, to] = rest
  if (command !== 'gen' || from === undefined || to === undefined || rest.length > 3) {
    console.error(usage)
    process.exitCode = 2
    return
  }
  const root = paths.resolve(given ?? paths.dirname(from))
  const path = paths.relative(root, paths.resolve(from))
  files.writeFileSync(paths.resolve(to), generate(load(path, { root, keepCase })))
}

/** Takes an option and its value out of the arguments; nothing where it is not among them. */
function take(from: string[], option: string, parts: number): string[] {
  const at = from.indexOf(option)
  return at < 0 ? [] : from.splice(at, parts)
}

try {
  run(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
