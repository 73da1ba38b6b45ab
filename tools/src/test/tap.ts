import { inspect } from 'node:util'
import { Parser } from 'tap-parser'

/** One test that failed. */
export interface Failure {
  /** File, then test within test: `test/hello.test.ts > a hello is answered`. */
  readonly name: string
  /** The assertions that failed, with what the test framework says of them. */
  readonly text: string
}

/** The tests of one package. */
export interface Tests {
  readonly passed: number
  readonly skipped: number
  readonly failures: readonly Failure[]
  /** Milliseconds; 0 where the report does not tell. */
  readonly time: number
}

interface Assertion {
  readonly ok: boolean
  readonly name: string
  readonly skip?: unknown
  readonly todo?: unknown
  readonly diag?: unknown
}

interface Node {
  readonly name: string
  readonly ok: boolean
  readonly skipped: boolean
  readonly assertions: readonly Assertion[]
  readonly children: readonly Node[]
  /** Complaints about the TAP itself, as when a process ended in the middle. */
  readonly broken: readonly string[]
}

type Event = readonly [name: string, value: unknown]

/**
 * Counts tests in TAP text. A test is a named test without tests inside it, or a file without any; assertions outside of
 * those count only when they fail.
 */
export function testsOf(tap: string): Tests {
  const root = nodeOf('', Parser.parse(tap) as unknown as Event[], undefined)
  const time = Number(/^# time=([\d.]+)ms$/m.exec(tap)?.[1] ?? 0)
  const tally = { passed: 0, skipped: 0, failures: [] as Failure[], time }
  if (root.children.length > 0 || !root.ok) count(root, '', tally)
  return tally
}

function count(
  node: Node,
  above: string,
  tally: { passed: number; skipped: number; failures: Failure[] },
): void {
  const name = above && node.name ? `${above} > ${node.name}` : above || node.name
  const before = tally.failures.length
  for (const child of node.children) count(child, name, tally)
  if (!node.ok) {
    // A parent fails for its children; only when none did, it has a reason of its own.
    if (tally.failures.length === before)
      tally.failures.push({ name: name || 'the test run', text: reasonOf(node) })
  } else if (node.children.length === 0) {
    if (node.skipped) tally.skipped++
    else tally.passed++
  }
}

function nodeOf(name: string, events: readonly Event[], result: Assertion | undefined): Node {
  const children: Node[] = []
  const assertions: Assertion[] = result && !result.ok ? [result] : []
  const broken: string[] = []
  let child: readonly Event[] | undefined
  let ok = result?.ok ?? true
  for (const [event, value] of events) {
    if (event === 'child') child = value as Event[]
    else if (event === 'assert') {
      const assertion = value as Assertion
      // A file that ran out of time is followed by an assertion of another name.
      if (child) children.push(nodeOf(subtestOf(child) ?? assertion.name, child, assertion))
      else assertions.push(assertion)
      child = undefined
    } else if (event === 'bailout') broken.push(`Bail out! ${value}`)
    else if (event === 'complete') {
      const { ok: allOk, failures } = value as { ok: boolean; failures: readonly { tapError?: string }[] }
      // The root has no assertion of its own that would tell.
      if (!result && !allOk) ok = false
      for (const { tapError } of failures) if (tapError) broken.push(tapError)
    }
  }
  if (child) children.push({ ...nodeOf(subtestOf(child) ?? 'unfinished', child, undefined), ok: false })
  const skipped = result?.ok === true && Boolean(result.skip || result.todo)
  return { name, ok: ok || Boolean(result?.todo), skipped, assertions, children, broken }
}

/** The name in the comment that a subtest begins with. */
function subtestOf([first]: readonly Event[]): string | undefined {
  return first?.[0] === 'comment' ? /^# Subtest: (.*)/.exec(String(first[1]))?.[1] : undefined
}

function reasonOf({ assertions, broken }: Node): string {
  const failed = assertions.filter(({ ok, todo }) => !ok && !todo)
  // The node's own line says no more than its assertions do, where there are any.
  const told = failed.length > 1 ? failed.slice(1) : failed
  return [...told.map(({ name, diag }) => `not ok: ${name}\n${indent(describe(diag))}`), ...broken].join('\n')
}

function describe(diag: unknown): string {
  if (typeof diag !== 'object' || diag === null) return ''
  return Object.entries(diag)
    .map(([key, value]) => {
      if (typeof value !== 'string') return `${key}: ${inspect(value, { depth: 4, breakLength: 100 })}`
      return value.includes('\n') ? `${key}:\n${indent(value.trimEnd())}` : `${key}: ${value}`
    })
    .join('\n')
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}
