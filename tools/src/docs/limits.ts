import type { LimitRow } from '@hawser/contract'

/**
 * docs/limits.md, from the table in the contract.
 * @param inForce whether a package looks at a limit; one that none does is not promised yet, and the page says so
 */
export function limitsPage(
  table: Readonly<Record<string, LimitRow>>,
  inForce: (name: string) => boolean = () => true,
): string {
  const idle = Object.keys(table).filter((name) => !inForce(name))
  const rows = Object.entries(table).map(
    ([name, row]) =>
      `| \`${name}\` | ${amount(row.value, row.unit)} | ${row.ceiling === undefined ? '' : amount(row.ceiling, row.unit)} | ${cell(row.about)} | ${cell(row.breach)} |`,
  )
  return `# Limits

Every limit with its default, the most it may be set to, and what happens beyond it. Change some of them with the \`limits\`
option of a server or a client; a name that does not exist, or a number over its ceiling, is a \`TypeError\`.

Generated from \`limitTable\` in packages/contract/src/limit-table.ts by \`npm run docs\`. Do not edit.

${idle.length === 0 ? '' : `**Not in force yet**, because the packages that will hold to them are not there: ${idle.map((name) => `\`${name}\``).join(', ')}.\n\n`}| limit | default | at most | of what | beyond it |
|---|---|---|---|---|
${rows.join('\n')}
`
}

const KiB = 1024
const MiB = 1024 * KiB

function amount(value: number, unit: LimitRow['unit']): string {
  if (unit === 'bytes') {
    if (value >= MiB && value % MiB === 0) return `${value / MiB} MiB`
    return value >= KiB && value % KiB === 0 ? `${value / KiB} KiB` : `${grouped(value)} B`
  }
  if (unit === 'ms') return value >= 1000 ? `${grouped(value / 1000)} s` : `${value} ms`
  if (unit === 'share') return `${value * 100} %`
  if (unit === 'per second') return `${grouped(value)} / s`
  return unit === 'factor' ? `${value} ×` : grouped(value)
}

function grouped(value: number): string {
  return value.toLocaleString('en-US')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
