/** The command line makes no sense: told in one line, with where to read on. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError'
}
