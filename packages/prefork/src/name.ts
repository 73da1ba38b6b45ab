/** What the thread or process of a place is called, in debuggers and lists of processes. */
export function nameOf(worker: number): string {
  return `hawser server ${worker}`
}
