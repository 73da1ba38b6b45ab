/** A table before it is known where it goes. */
export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** For a terminal: aligned by spaces. */
export function toText({ title, columns, rows }: Table): string {
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...rows.map((row) => row[i]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (holdsFigures(rows, i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd()
  return [title, line(columns), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n')
}

/** As Markdown, the title as a heading of the third level. */
export function toMarkdown({ title, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(' | ')} |`
  const rule = columns.map((_, i) => (holdsFigures(rows, i) ? '---:' : '---'))
  return [`### ${title}`, '', line(columns), line(rule), ...rows.map(line)].join('\n')
}

function holdsFigures(rows: Table['rows'], column: number): boolean {
  return column > 0 && rows.some((row) => /^[\d–-]/.test(row[column] ?? ''))
}

function escapeCell(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').trim()
}
