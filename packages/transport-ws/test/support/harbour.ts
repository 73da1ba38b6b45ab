import { clientStream, duplex, serverStream, service, unary } from '@hawser/schema'

/** What the pages of these tests call: a method of each kind. */
export const Harbour = service('test.Harbour', {
  upper: unary<string, string>(),
  sum: clientStream<number, number>(),
  count: serverStream<number, number>(),
  mirror: duplex<string, string>(),
  hang: unary<string, string>(),
})
