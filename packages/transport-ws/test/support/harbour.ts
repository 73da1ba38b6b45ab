import {
  bytes,
  clientStream,
  double,
  duplex,
  field,
  i32,
  i64,
  list,
  map,
  optional,
  serverStream,
  service,
  string,
  struct,
  unary,
} from '@hawser/schema'

/** A value with what JSON by itself cannot carry. */
export const Cargo = struct('test.Cargo', {
  weight: field(1, i64),
  seals: field(2, bytes),
  ports: field(3, map(i64, list(string))),
  note: field(4, optional(string)),
})

/** What the pages of these tests call: a method of each kind. */
export const Harbour = service('test.Harbour', {
  upper: unary(string, string),
  sum: clientStream(double, double),
  count: serverStream(i32, i32),
  mirror: duplex(string, string),
  hang: unary(string, string),
  load: unary(Cargo, Cargo),
})
