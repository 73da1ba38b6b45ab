import type { Body, Call, Feed, Flow, Outlet, RpcError } from '@hawser/contract'
import { type ItemsWatcher, WatchedItems } from './watched-items.js'

/** Items of an answer, as they are, and somebody who watches them. What is pushed stays pushed. */
export function watched(
  items: Exclude<Body, Uint8Array>,
  call: Call,
  watcher: ItemsWatcher,
): AsyncIterable<Uint8Array> {
  return 'flow' in items
    ? new WatchedFeed(items as Feed, call, watcher)
    : new WatchedItems(items, call, watcher)
}

class WatchedFeed implements Feed {
  readonly #feed: Feed
  readonly #watcher: ItemsWatcher
  // Watches what is iterated after all, and a call that is cancelled before anybody takes its items.
  readonly #items: WatchedItems

  constructor(feed: Feed, call: Call, watcher: ItemsWatcher) {
    this.#feed = feed
    this.#watcher = watcher
    this.#items = new WatchedItems(feed, call, watcher)
  }

  flow(outlet: Outlet): Flow {
    this.#items.handedOn()
    return new WatchedFlow(this.#feed, outlet, this.#watcher)
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#items[Symbol.asyncIterator]()
  }
}

class WatchedFlow implements Flow, Outlet {
  readonly #outlet: Outlet
  readonly #watcher: ItemsWatcher
  readonly #flow: Flow
  #done = false

  constructor(feed: Feed, outlet: Outlet, watcher: ItemsWatcher) {
    this.#outlet = outlet
    this.#watcher = watcher
    this.#flow = feed.flow(this)
  }

  resume(): void {
    this.#flow.resume()
  }

  stop(): void {
    this.#flow.stop()
    this.#end(undefined)
  }

  item(bytes: Uint8Array): boolean {
    this.#watcher.item?.(bytes)
    return this.#outlet.item(bytes)
  }

  ended(): void {
    this.#end(undefined)
    this.#outlet.ended()
  }

  failed(error: RpcError): void {
    this.#end(error)
    this.#outlet.failed(error)
  }

  #end(error: unknown): void {
    if (this.#done) return
    this.#done = true
    this.#watcher.ended(error)
  }
}
