import { type Code, type Reason, RpcError } from '@hawser/contract'
import { claim, label, type Outcome } from '../target.js'

/** Says how an input was refused; whatever is not one of the allowed refusals is thrown on. */
export function refused(error: unknown, code: Code, reasons: readonly Reason[]): Outcome {
  if (!RpcError.is(error)) throw error
  claim(error.code === code, `The code ${error.code} instead of ${code}: ${error.message}`)
  claim(
    error.reason !== undefined && reasons.includes(error.reason),
    `The reason ${error.reason}: ${error.message}`,
  )
  const result = `${error.code}/${error.reason}`
  return { result, labels: [`${result}: ${label(error.message)}`] }
}
