const serialized = /^[a-z][a-z0-9+.-]*:\/\/(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/

/**
 * Reads a list of allowed origins, each as a browser sends it: `https://example.com`, without a path, without the scheme's
 * own port. `null` is what pages from files and sandboxes send, `*` allows all.
 * @throws TypeError for an entry that no browser would ever send
 */
export function originsOf(list: readonly string[]): ReadonlySet<string> {
  for (const origin of list)
    if (origin !== '*' && origin !== 'null' && !serialized.test(origin))
      throw new TypeError(`Not an origin: ${JSON.stringify(origin)}; it looks like https://example.com`)
  return new Set(list)
}
