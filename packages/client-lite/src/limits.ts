import {
  type ClientLimitName,
  clientAmounts,
  type DialLimitName,
  dialAmounts,
  type Limits,
  limitsOf,
} from '@hawser/contract'

/** The limits that are kept here. */
export type ClientLimits = Pick<Limits, ClientLimitName | DialLimitName>

/** @throws TypeError for limits that are none */
export function clientLimits(changes?: Partial<Limits>): ClientLimits {
  return limitsOf({ ...clientAmounts, ...dialAmounts }, changes)
}
