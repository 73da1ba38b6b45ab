import { join } from './bytes.js'

const mostTries = 400

/**
 * A smaller input of which `same` still holds: as many parts are left out as possible, then as many bytes.
 * @param parts what makes up the input, at the coarsest that makes sense
 */
export async function minimise(
  parts: readonly Uint8Array[],
  same: (candidate: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  const fewer = await without(parts, (rest) => same(join(...rest)))
  const bytes = await without([...join(...fewer)], (rest) => same(Uint8Array.from(rest)))
  return Uint8Array.from(bytes)
}

/** Leaves out runs of elements, long ones first. */
async function without<T>(
  list: readonly T[],
  same: (rest: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let best = list
  let tries = 0
  for (let size = Math.ceil(list.length / 2); size >= 1 && tries < mostTries; size = Math.floor(size / 2)) {
    for (let at = 0; at < best.length && tries < mostTries; tries++) {
      const rest = best.toSpliced(at, size)
      if (await same(rest)) best = rest
      else at += size
    }
  }
  return best
}
