enum Status { open = 0, paid = 1, sent = 2 }

struct Position { 1: required double latitude, 2: required double longitude }

struct Order {
  1: required i64 id
  2: required i32 customer
  3: required Status status
  4: required i64 createdAt
  5: required i64 updatedAt
  6: required double total
  7: required double tax
  8: required bool paid
  9: required bool express
  10: required string currency
  11: required string name
  12: required string email
  13: required string street
  14: required string city
  15: required string note
  16: required binary token
  17: required i16 quantity
  18: required list<string> tags
  19: required list<i32> items
  20: required Position position
}
