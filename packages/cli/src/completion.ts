import type { Reflection } from './reflection.js'

/** What a shell line may begin with, apart from a method. */
export const shellCommands = ['help', 'list', 'ping', 'pull', 'exit'] as const

/**
 * What the end of a line may become: the first word a command or a method, the one after `pull` a topic, and after `ping` or
 * `help` a method.
 * @returns the words that fit, and the piece of the line they take the place of
 */
export function complete(
  line: string,
  { rpc, publish }: Pick<Reflection, 'rpc' | 'publish'>,
): [words: string[], piece: string] {
  const [, first, , piece = ''] = /^\s*(\S+)(\s+)(\S*)$/.exec(line) ?? []
  const fitting = (names: Iterable<string>, piece: string): [string[], string] => [
    [...names].filter((name) => name.startsWith(piece)).sort(),
    piece,
  ]
  if (first === 'pull') return fitting(publish.keys(), piece)
  if (first === 'ping' || first === 'help') return fitting(rpc.keys(), piece)
  if (first !== undefined || /\S\s/.test(line)) return [[], piece]
  const [words, word] = fitting([...shellCommands, ...rpc.keys()], line.trimStart())
  // What follows a name is written at once.
  return [words.length === 1 ? [`${words[0]} `] : words, word]
}
