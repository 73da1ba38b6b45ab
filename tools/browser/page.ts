import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Browser, Page } from 'playwright-core'
import { bundle, type Entry } from './bundle.js'
import { startBrowser } from './chromium.js'

/** How {@link openPage} can be told to be. */
export interface PageOptions {
  /** A module whose exported functions can be called in the page. */
  readonly entry: Entry
}

type Functions<M> = {
  readonly [K in keyof M]: M[K] extends (...args: infer A) => infer R ? (...args: A) => R : never
}

/** A page in a browser of its own, served from 127.0.0.1. */
export class TestPage<M> implements AsyncDisposable {
  /** What the browser tells servers that the page connects to. */
  readonly origin: string
  /** What the page threw, or logged as an error, on its own. */
  readonly complaints: string[] = []
  readonly #server: Server
  readonly #browser: Browser
  readonly #page: Page

  constructor(origin: string, server: Server, browser: Browser, page: Page) {
    this.origin = origin
    this.#server = server
    this.#browser = browser
    this.#page = page
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
  }

  /** Calls an exported function of the entry. Arguments and result travel as JSON. */
  run<K extends keyof M & string>(
    name: K,
    ...args: Parameters<Functions<M>[K]>
  ): Promise<Awaited<ReturnType<Functions<M>[K]>>> {
    const call = `import('/entry.js').then((entry) => entry[${JSON.stringify(name)}](...${JSON.stringify(args)}))`
    return this.#page.evaluate(call)
  }

  async close(): Promise<void> {
    await this.#browser.close()
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/**
 * Bundles the entry, serves it, and opens it in a browser.
 *
 * ```ts
 * await using page = await openPage<typeof import('./calls.js')>({ entry })
 * await page.run('add', 1, 2)
 * ```
 */
export async function openPage<M>({ entry }: PageOptions): Promise<TestPage<M>> {
  const { code } = await bundle(entry)
  const files = new Map<string, readonly [type: string, body: string | Uint8Array]>([
    ['/', ['text/html', '<!doctype html><title>Test</title><link rel="icon" href="data:,">']],
    ['/entry.js', ['text/javascript', code]],
  ])
  const server = createServer(({ url = '' }, response) => {
    const file = files.get(url)
    response.writeHead(file ? 200 : 404, { 'Content-Type': file?.[0] ?? 'text/plain' }).end(file?.[1])
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  if (!bound || typeof bound !== 'object') throw new TypeError('The page has no port')
  const origin = `http://127.0.0.1:${bound.port}`
  try {
    const browser = await startBrowser()
    const page = await browser.newPage()
    const opened = new TestPage<M>(origin, server, browser, page)
    await page.goto(`${origin}/`)
    return opened
  } catch (error) {
    server.close()
    throw error
  }
}
