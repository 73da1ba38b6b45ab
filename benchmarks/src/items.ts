import type { EchoClient } from './subject.js'

/** Each "call" takes one item of a stream that is opened by the first: the load then counts items instead of calls. */
export function itemsAsEcho(open: (text: string) => AsyncIterable<string>): EchoClient {
  let items: AsyncIterator<string> | undefined
  return {
    async echo(text) {
      items ??= open(text)[Symbol.asyncIterator]()
      const { done, value } = await items.next()
      if (done) throw new Error('the stream has ended')
      return value
    },
  }
}
