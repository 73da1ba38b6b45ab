import { RpcError } from '@hawser/contract'
import { exitCodeOf, exitCodes } from './exit-code.js'
import { hintFor } from './hint.js'
import type { Output } from './output.js'
import { UsageError } from './usage-error.js'
import { shown, valueText } from './value-text.js'

/** What is known of a failure besides the error. */
export interface Circumstances {
  readonly address?: string | undefined
  /** What the client logged. */
  readonly log?: readonly string[] | undefined
  /** For a usage error: the command it is about. */
  readonly command?: string | undefined
}

const executedTexts = { no: 'not executed', maybe: 'maybe executed', yes: 'executed' } as const
const mostDetails = 2_000

/** Tells an error, in one line unless there is more to say by option, and returns the exit code for it. */
export function tell(error: unknown, output: Output, circumstances: Circumstances = {}): number {
  const mistake = usageOf(error)
  if (mistake) return tellUsage(mistake, output, circumstances)
  const failure = RpcError.from(error)
  const hint = hintFor(failure, circumstances)
  if (output.json) output.note(valueText({ error: { ...factsOf(failure), ...(hint && { hint }) } }))
  else {
    const { code, reason, executed, message, details } = failure
    const name = reason === undefined ? code : `${code}/${reason}`
    const told = details === undefined ? '' : `; details ${valueText(details).slice(0, mostDetails)}`
    const line = `${executedTexts[executed]}: ${shown(message.trim())}${told}${hint ? ` (${hint})` : ''}`
    output.note(`${output.marked('red', `hawser: ${name}`)}, ${line}`)
  }
  if (output.verbose) output.note(stackOf(failure))
  return exitCodeOf(failure)
}

/** The facts of an error, for programs. */
export function factsOf(error: RpcError): Record<string, unknown> {
  const { code, reason, message, executed, retryable, retryAfterMs, details } = error
  return { code, reason, message, executed, retryable, retryAfterMs, details }
}

// What is wrong with a stream of values comes back as the end of its call.
function usageOf(error: unknown): UsageError | undefined {
  const own = RpcError.is(error) ? error.cause : error
  return own instanceof UsageError ? own : undefined
}

function tellUsage({ message }: Error, output: Output, { command }: Circumstances): number {
  const where = `hawser${command ? ` ${command}` : ''} --help`
  if (output.json) output.note(valueText({ error: { code: 'usage', message, hint: where } }))
  else output.note(`${output.marked('red', 'hawser')}: ${shown(message)} (see ${where})`)
  return exitCodes.usage
}

function stackOf(error: Error): string {
  const { stack, cause } = error
  return cause instanceof Error ? `${stack}\ncaused by ${stackOf(cause)}` : String(stack)
}
