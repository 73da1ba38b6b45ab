import t from 'tap'
import { Plans } from '../src/index.js'

interface Node {
  readonly name: string
  next?: Node
}

function plansOf(made: string[]): Plans<Node, () => string> {
  const plans: Plans<Node, () => string> = new Plans(
    ({ name, next }) => {
      made.push(name)
      if (name === 'bad') throw new TypeError('no layout')
      if (next) plans.of(next)
      return () => name
    },
    (later) => () => later()(),
  )
  return plans
}

t.test('a plan is made once', async (t) => {
  const made: string[] = []
  const plans = plansOf(made)
  const node = { name: 'a', next: { name: 'b' } }
  t.equal(plans.of(node), plans.of(node))
  plans.of(node.next)
  t.same(made, ['a', 'b'])
})

t.test('a type that holds itself is stood in for, and found later', async (t) => {
  const node: Node = { name: 'a' }
  node.next = node
  const found: (() => string)[] = []
  const plans: Plans<Node, () => string> = new Plans(
    ({ next }) => {
      found.push(plans.of(next!))
      return () => 'made'
    },
    (later) => () => `stands in for ${later()()}`,
  )
  t.equal(plans.of(node)(), 'made')
  t.equal(found[0]!(), 'stands in for made')
})

t.test('what waited for a type that cannot be made is made anew', async (t) => {
  const made: string[] = []
  const plans = plansOf(made)
  const part: Node = { name: 'part' }
  const whole: Node = { name: 'whole', next: part }
  part.next = { name: 'bad' }
  t.throws(() => plans.of(whole), TypeError)
  t.throws(() => plans.of(part), TypeError)
  t.same(made, ['whole', 'part', 'bad', 'part', 'bad'])
})
