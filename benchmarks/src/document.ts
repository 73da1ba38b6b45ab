import { readFile, writeFile } from 'node:fs/promises'

/** Replaces what stands between a section's markers; all else was written by hand and stays. */
export function replaceSection(document: string, section: string, text: string): string {
  const begin = `<!-- ${section}: begin, generated -->`
  const end = `<!-- ${section}: end -->`
  const from = document.indexOf(begin)
  const to = document.indexOf(end, from)
  if (from < 0 || to < 0) throw new Error(`The document has no section ${section}`)
  return `${document.slice(0, from + begin.length)}\n\n${text.trim()}\n\n${document.slice(to)}`
}

const documents = new URL('../../docs/', import.meta.url)
const own: Readonly<Record<string, string>> = { models: 'models.md' }

/** Writes one section of docs/benchmarks.md, or of the document that has it. */
export async function writeSection(section: string, text: string): Promise<void> {
  const file = new URL(own[section] ?? 'benchmarks.md', documents)
  await writeFile(file, replaceSection(await readFile(file, 'utf8'), section, text))
}
