import { isAbsolute, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build } from 'esbuild'
import { repository } from '../src/workspace.js'

/** JavaScript for a browser. */
export interface Bundle {
  readonly code: Uint8Array
  /** Bytes of the result by where they come from: `packages/wire`, `node_modules/msgpackr`. */
  readonly origins: ReadonlyMap<string, number>
}

/** What goes into a bundle: a file, or the text of a module that stands in a folder. */
export type Entry = string | { readonly contents: string; readonly folder: string }

/** Bundles a module and all that it imports, minified, as a page would load it. Packages are taken from their dist. */
export async function bundle(entry: Entry): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    metafile: true,
    write: false,
    logLevel: 'silent',
    absWorkingDir: repository,
    ...inputOf(entry),
  })
  const origins = new Map<string, number>()
  for (const { inputs } of Object.values(metafile.outputs))
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const origin = originOf(path)
      origins.set(origin, (origins.get(origin) ?? 0) + bytesInOutput)
    }
  return { code: outputFiles[0]!.contents, origins }
}

/** What travels of it where the server compresses, in bytes. */
export function gzippedBytes({ code }: Bundle): number {
  return gzipSync(code, { level: 9 }).length
}

function inputOf(entry: Entry): Pick<BuildOptions, 'entryPoints' | 'stdin'> {
  if (typeof entry === 'string') {
    if (!isAbsolute(entry)) throw new TypeError(`An entry is given by its whole path, unlike ${entry}`)
    return { entryPoints: [entry] }
  }
  return { stdin: { contents: entry.contents, resolveDir: resolve(repository, entry.folder), loader: 'ts' } }
}

const origin = /^(?:packages|node_modules)\/(?:@[^/]+\/)?[^/]+/

function originOf(path: string): string {
  return origin.exec(path)?.[0] ?? path
}
