/** The forms of a new package's name. */
export interface Names {
  /** As on the command line, and as the address scheme or codec name: `unix-socket`. */
  readonly name: string
  /** The factory: `unixSocket`. */
  readonly camel: string
  /** What types begin with: `UnixSocket`. */
  readonly Pascal: string
}

const longest = 32

/**
 * @throws TypeError for what cannot be the name of a package, an address scheme and a function
 */
export function namesOf(name: string): Names {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > longest)
    throw new TypeError(
      `A name is lower-case words of letters and digits joined by hyphens, at most ${longest} characters; ${JSON.stringify(name)} is not`,
    )
  const camel = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  if (!isIdentifier(camel)) throw new TypeError(`${camel} cannot be the name of a function`)
  return { name, camel, Pascal: camel.charAt(0).toUpperCase() + camel.slice(1) }
}

function isIdentifier(word: string): boolean {
  try {
    // The engine knows the reserved words; the pattern above leaves nothing in `word` that could be more than a name.
    new Function(`'use strict'; let ${word}`)
    return word !== 'await'
  } catch {
    return false
  }
}
