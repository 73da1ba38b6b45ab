/** A fenced code block. */
export interface Fence {
  /** The words behind the backticks: `['ts', 'continue']`; empty for none. */
  readonly info: readonly string[]
  readonly code: string
  /** The line its code begins on, from 1. */
  readonly line: number
}

/** The fenced code blocks of a Markdown text, indented ones left out. */
export function fencesOf(markdown: string): Fence[] {
  const fences: Fence[] = []
  let open: { info: string[]; ticks: string; line: number; code: string[] } | undefined
  for (const [index, text] of markdown.split('\n').entries()) {
    const mark = /^(`{3,})(.*)$/.exec(text)
    if (!open) {
      if (mark)
        open = {
          info: (mark[2] ?? '').trim().split(/\s+/).filter(Boolean),
          ticks: mark[1]!,
          line: index + 2,
          code: [],
        }
    } else if (mark && mark[1]!.length >= open.ticks.length && mark[2]!.trim() === '') {
      fences.push({ info: open.info, code: open.code.join('\n'), line: open.line })
      open = undefined
    } else open.code.push(text)
  }
  return fences
}

/** The text of a file's first documentation comment, without its stars; undefined when the file does not begin with one. */
export function moduleDocOf(source: string): string | undefined {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(source)
  return comment?.[1]
    ?.split('\n')
    .map((line) => line.replace(/^ \* ?/, ''))
    .join('\n')
}
