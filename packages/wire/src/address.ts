/**
 * The scheme of an address, without the colon.
 * @throws TypeError for an address without one
 */
export function schemeOf(address: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/.exec(address)?.[1]
  if (scheme === undefined)
    throw new TypeError(
      `An address begins with a scheme, as in tcp://127.0.0.1:57000, unlike ${JSON.stringify(address)}`,
    )
  return scheme
}

/**
 * The one of several transports (or halves of them) that takes an address.
 * @throws TypeError where none does, or one of them is none
 */
export function pickByScheme<T extends { readonly schemes: readonly string[] }>(
  transports: readonly T[],
  address: string,
): T {
  const scheme = schemeOf(address)
  if (transports.some((transport) => !Array.isArray(transport?.schemes)))
    throw new TypeError('A transport is what its factory makes: transports: [tcp()], not [tcp]')
  const found = transports.find(({ schemes }) => schemes.includes(scheme))
  if (found) return found
  const known = transports.flatMap(({ schemes }) => schemes)
  throw new TypeError(
    `No transport takes ${scheme}: addresses; there is ${known.length > 0 ? known.join(', ') : 'none'}`,
  )
}
