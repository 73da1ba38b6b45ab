import type { Call, RpcError } from '@hawser/contract'

/** What a connection needs of a call. */
export type SessionCall = Pick<
  Call,
  | 'method'
  | 'kind'
  | 'codec'
  | 'headers'
  | 'deadline'
  | 'input'
  | 'probe'
  | 'cancelReason'
  | 'onCancel'
  | 'offCancel'
>

/** What ends a call early. */
export interface Abortable {
  cancel(reason: RpcError): void
}
