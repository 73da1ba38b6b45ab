import { bytes, field, type Infer, i32, list, service, string, struct, unary } from '@hawser/schema'

const Entry = struct('bench.Entry', {
  id: field(1, i32),
  name: field(2, string),
  tags: field(3, list(string)),
  text: field(4, string),
})

const Records = struct('bench.Records', { records: field(1, list(Entry)) })
export type Records = Infer<typeof Records>

/** Answers with what it was given. */
export const Echoes = service('bench.Echoes', {
  bytes: unary(bytes, bytes),
  records: unary(Records, Records),
})
