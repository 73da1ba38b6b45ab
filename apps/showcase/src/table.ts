/** A column: its title in one or more lines, and as wide as the widest of its cells. */
export interface Column {
  readonly title: string
  readonly width: number
  readonly align: 'left' | 'centre' | 'right'
}

/** Colours text for a terminal; returns it as it is for everything else. */
export type Paint = (colour: 'green' | 'red' | 'bold' | 'dim', text: string) => string

const codes = { green: [32, 39], red: [31, 39], bold: [1, 22], dim: [2, 22] } as const

/** With colours where the stream shows them: not in files and pipes, and not when NO_COLOR asks for none. */
export function painter(stream: NodeJS.WriteStream): Paint {
  if (!stream.isTTY || !stream.hasColors()) return (_, text) => text
  return (colour, text) => `\u001b[${codes[colour][0]}m${text}\u001b[${codes[colour][1]}m`
}

/** The line of titles. */
export function headOf(columns: readonly Column[]): string {
  return columns
    .map(({ title, width, align }) => pad(title, width, align))
    .join(' ')
    .trimEnd()
}

/** One line of cells. They are padded before they are painted, since colours have no width. */
export function rowOf(
  columns: readonly Column[],
  cells: readonly string[],
  paint: (cell: string) => string,
): string {
  return columns
    .map(({ width, align }, index) => {
      const cell = cells[index] ?? ''
      return pad(cell, width, align).replace(cell, paint(cell))
    })
    .join(' ')
    .trimEnd()
}

function pad(text: string, width: number, align: Column['align']): string {
  if (align === 'right') return text.padStart(width)
  if (align === 'left') return text.padEnd(width)
  return text.padStart(Math.ceil((width + text.length) / 2)).padEnd(width)
}
