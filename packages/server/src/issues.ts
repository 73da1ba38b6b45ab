import type { StandardIssue } from '@hawser/contract'

/** What the issues say, as one line. */
export function issuesText(issues: readonly StandardIssue[]): string {
  return issues
    .slice(0, 8)
    .map(({ message, path }) => {
      const where = path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
      return where ? `${where}: ${message}` : message
    })
    .join('; ')
}
