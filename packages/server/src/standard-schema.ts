/**
 * The part of the Standard Schema interface that is used here, so that validators of any library that follows it (zod,
 * valibot, arktype and others) can be given. Source: https://standardschema.dev
 */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    validate(value: unknown): StandardResult<Output> | Promise<StandardResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

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
