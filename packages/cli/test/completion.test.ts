import t from 'tap'
import { complete } from '../src/completion.js'

const reflection = {
  rpc: new Map([
    ['/add', 'i32(i32, i32)'],
    ['/add/all', 'i32(list)'],
    ['/echo', 'string(string)'],
    ['shop.Shop/get', 'Item(i64)'],
    ['shop.Shop/all', 'Item(i64)'],
  ]),
  publish: new Map([['/nagging', 'string']]),
}
const of = (line: string) => complete(line, reflection)

t.test('the first word becomes a command or a method', async (t) => {
  t.same(of('/a'), [['/add', '/add/all'], '/a'])
  t.same(of('shop.'), [['shop.Shop/all', 'shop.Shop/get'], 'shop.'])
  t.same(of('p'), [['ping', 'pull'], 'p'])
  t.same(of('  /a'), [['/add', '/add/all'], '/a'])
  t.equal(of('')[0].length, 10)
})

t.test('a name that is the only one is done, and what follows it is written at once', async (t) => {
  t.same(of('/e'), [['/echo '], '/e'])
  t.same(of('li'), [['list '], 'li'])
})

t.test('pull is followed by a topic, ping and help by a method', async (t) => {
  t.same(of('pull '), [['/nagging'], ''])
  t.same(of('pull /n'), [['/nagging'], '/n'])
  t.same(of('ping shop.Shop/g'), [['shop.Shop/get'], 'shop.Shop/g'])
  t.same(of('help /e'), [['/echo'], '/e'])
})

t.test('arguments, and what fits nothing, are left alone', async (t) => {
  t.same(of('/add 1'), [[], '1'])
  t.same(of('/add 1 2'), [[], ''])
  t.same(of('/x'), [[], '/x'])
  t.same(complete('/a', { rpc: new Map(), publish: new Map() }), [[], '/a'])
})
