import {
  bool,
  bytes,
  double,
  enumeration,
  field,
  type Infer,
  i16,
  i32,
  i64,
  list,
  string,
  struct,
} from '@hawser/schema'

const Status = enumeration('bench.Status', { open: 0, paid: 1, sent: 2 })

const Position = struct('bench.Position', { latitude: field(1, double), longitude: field(2, double) })

/** Twenty fields as an order of a shop has them; order.thrift says the same. */
export const Order = struct('bench.Order', {
  id: field(1, i64),
  customer: field(2, i32),
  status: field(3, Status),
  createdAt: field(4, i64),
  updatedAt: field(5, i64),
  total: field(6, double),
  tax: field(7, double),
  paid: field(8, bool),
  express: field(9, bool),
  currency: field(10, string),
  name: field(11, string),
  email: field(12, string),
  street: field(13, string),
  city: field(14, string),
  note: field(15, string),
  token: field(16, bytes),
  quantity: field(17, i16),
  tags: field(18, list(string)),
  items: field(19, list(i32)),
  position: field(20, Position),
})
export type Order = Infer<typeof Order>

/** The one that is laid out. */
export const order: Order = {
  id: 7_234_981_273_498_127n,
  customer: 81_273,
  status: 1,
  createdAt: 1_763_650_800_123n,
  updatedAt: 1_763_654_400_456n,
  total: 1_249.95,
  tax: 199.59,
  paid: true,
  express: false,
  currency: 'EUR',
  name: 'Käthe Johannsen-Lü',
  email: 'kaethe.johannsen@example.net',
  street: 'Hinter den Höfen 12 B',
  city: 'Flensburg',
  note: 'Please ring twice and leave it with Nr. 14',
  token: Uint8Array.from({ length: 16 }, (_, index) => index * 15),
  quantity: 3,
  tags: ['gift', 'fragile', 'returning customer'],
  items: [1_001, 20_002, 300_003, 4, 55],
  position: { latitude: 54.7937431, longitude: 9.4469964 },
}

/** So many more, whose texts differ but for the currency and some tags. */
export function orders(count: number): Order[] {
  return Array.from(
    { length: count },
    (_, index): Order => ({
      ...order,
      id: order.id + BigInt(index) * 7n,
      customer: order.customer + index,
      createdAt: order.createdAt + BigInt(index),
      total: order.total + index / 100,
      paid: index % 2 === 0,
      name: `Käthe Johannsen-${index}`,
      email: `kaethe.${index}@example.net`,
      street: `Hinter den Höfen ${index} B`,
      city: `Flensburg ${index % 1_000}`,
      note: `Please ring ${index} times, leave it with Nr. 14`,
      tags: ['gift', 'fragile', `since ${index}`],
    }),
  )
}
