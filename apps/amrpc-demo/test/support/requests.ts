/** A request of a `.http` file, as REST clients read it. */
export interface WrittenRequest {
  readonly name: string
  readonly verb: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Reads a `.http` file: requests apart by lines that begin with `###`, a line with verb and address, headers, an empty line, a
 * body; `@name = value` defines what `{{name}}` stands for.
 * @param values in the place of those that the file defines
 */
export function requestsOf(file: string, values: Readonly<Record<string, string>>): WrittenRequest[] {
  const variables = new Map<string, string>()
  for (const [, name, value] of file.matchAll(/^@(\w+) *= *(.+)$/gm))
    variables.set(name!, values[name!] ?? value!)
  const filled = file.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => variables.get(name) ?? whole)
  return filled
    .split(/^###.*$/m)
    .slice(1)
    .map(requestOf)
}

function requestOf(text: string): WrittenRequest {
  const name = /^# @name (\w+)$/m.exec(text)?.[1] ?? ''
  const lines = text.split('\n').filter((line) => !line.startsWith('#'))
  const first = lines.findIndex((line) => line.trim() !== '')
  const [verb = '', url = ''] = lines[first]!.split(' ')
  const end = lines.findIndex((line, index) => index > first && line.trim() === '')
  const headers = lines.slice(first + 1, end).map((line) => line.split(/: */, 2) as [string, string])
  return { name, verb, url, headers: Object.fromEntries(headers), body: lines.slice(end).join('\n').trim() }
}
