/**
 * The interfaces every Hawser package meets at. Types, one error class, the limits and the clock; no dependency, no
 * Node.js and no DOM.
 *
 * ```ts
 * import { RpcError } from '@hawser/contract'
 *
 * export function divide(a: number, b: number): number {
 *   if (b === 0) throw new RpcError('invalid_argument', 'b must not be 0', { details: { argument: 'b' } })
 *   return a / b
 * }
 * ```
 *
 * @module
 */
export {
  type Amount,
  type Amounts,
  type ClientLimitName,
  clientAmounts,
  type DialLimitName,
  dialAmounts,
  limitsOf,
  type ValueLimitName,
  valueAmounts,
} from './amounts.js'
export type {
  Body,
  Call,
  CallKind,
  Feed,
  Flow,
  Handler,
  Headers,
  Middleware,
  Outlet,
  Peer,
  Reply,
  ReplySink,
} from './call.js'
export type { Cancel, CancelListener, Cancellable } from './cancel.js'
export { type Clock, systemClock, type TimerEntry, type Timers } from './clock.js'
export type { Codec, SchemaCodec } from './codec.js'
export { type Code, codeOf, codes, type Reason, reasonOf, reasons } from './codes.js'
export type { Directory, MethodInfo } from './directory.js'
export { type Executed, RpcError, type RpcErrorOptions } from './error.js'
export { give, handOver, isGiven, isSpent } from './given.js'
export { type LimitRow, limitTable } from './limit-table.js'
export { defaultLimits, type LimitName, type Limits, limitsWith } from './limits.js'
export type { Log, LogEntry, LogLevel } from './log.js'
export { owned } from './owned.js'
export type { Notification, Protocol, ProtocolContext, Session, Stranger } from './protocol.js'
export type { DeclaredErrors, MethodType, ServiceType, Shape, Type } from './service.js'
export type { StandardIssue, StandardResult, StandardSchema } from './standard-schema.js'
export type {
  Acceptor,
  Adoption,
  Connection,
  Dialer,
  Listener,
  PeerInfo,
  TlsIdentity,
  Transport,
  TransportFeatures,
} from './transport.js'
export { type VirtualClock, virtualClock } from './virtual-clock.js'
