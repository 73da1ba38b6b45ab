import t from 'tap'
import { quantile, readable, summarize } from '../src/stats.js'

t.test('a quantile lies between the values around it', (t) => {
  const values = [10, 20, 30, 40]
  t.equal(quantile(values, 0), 10)
  t.equal(quantile(values, 0.5), 25)
  t.equal(quantile(values, 1), 40)
  t.equal(quantile([7], 0.99), 7)
  t.ok(Number.isNaN(quantile([], 0.5)))
  t.end()
})

t.test('a summary needs no sorted input, and leaves it as it was', (t) => {
  const values = [30, 10, 200]
  t.same(summarize(values), { min: 10, median: 30, max: 200 })
  t.same(values, [30, 10, 200])
  t.end()
})

t.test('numbers are shown with three digits', (t) => {
  const shown = [0, 0.004, 0.826, 1.234, 12.34, 123.4, 999.6, 9_994, 9_995, 394_400, 999_500, 1_023_000]
  t.same(shown.map(readable), [
    '0.00',
    '0.00',
    '0.83',
    '1.23',
    '12.3',
    '123',
    '1000',
    '9994',
    '9.99 k',
    '394 k',
    '1.00 M',
    '1.02 M',
  ])
  t.equal(readable(Number.NaN), '–')
  t.end()
})
