import { extname } from 'node:path'

/** What a child runs: a file beside this one, compiled if this one is. */
export function entry(name: 'process-main' | 'thread-main'): URL {
  return new URL(`./${name}${extname(import.meta.url)}`, import.meta.url)
}
