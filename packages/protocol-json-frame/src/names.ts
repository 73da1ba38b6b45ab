/** What the protocol is called. */
export const protocolName = 'json-frame'

/** What an answer that is an error says in the place of a name. */
export const errorName = 'error'

/** The method that a request's `in` names: `ping` is `/ping`, and what has a slash in it is a method's name already. */
export function methodOf(name: string): string {
  return name.includes('/') ? name : `/${name}`
}

/** What a request for a method says as its `in`: the shortest that {@link methodOf} leads back from. */
export function requestName(method: string): string {
  const short = method.slice(1)
  return method.startsWith('/') && short !== '' && !short.includes('/') ? short : method
}

/** What the answers to requests say as their `out`. */
export class AnswerNames {
  readonly #names: ReadonlyMap<string, string>

  /** @throws TypeError for a name that would make every answer an error */
  constructor(names: Readonly<Record<string, string>> = {}) {
    const entries = Object.entries(names)
    for (const [name, answer] of entries)
      if (typeof answer !== 'string' || answer === errorName)
        throw new TypeError(
          `The answers to ${name} cannot be called ${answer}, which says that they are errors`,
        )
    this.#names = new Map(entries)
  }

  of(name: string): string {
    // Its result must not be taken for an error.
    return this.#names.get(name) ?? (name === errorName ? `/${errorName}` : name)
  }
}
