/** The name of the transport for every thread it knows, now and later; for listening only. */
export const anyone = '*'

const pattern = /^worker:\/\/([A-Za-z0-9_.-]{1,128}|\*)$/

/**
 * The name in `worker://name`.
 * @throws TypeError
 */
export function nameOf(address: string, use: 'dial' | 'listen'): string {
  const name = pattern.exec(address)?.[1]
  if (name === undefined)
    throw new TypeError(`Not a worker address: ${JSON.stringify(address)}; it looks like worker://name`)
  if (name === anyone && use === 'dial') throw new TypeError('worker://* is for listening; dial one name')
  return name
}

/** @throws TypeError */
export function checkName(name: string): void {
  nameOf(`worker://${name}`, 'dial')
}

/** The address of a name. */
export function addressOf(name: string): string {
  return `worker://${name}`
}
