import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'

/** One mention of a module in a source file. */
export interface Import {
  /** As written: `./x.js`, `node:fs`, `@hawser/wire`. */
  readonly specifier: string
  /** From the root. */
  readonly file: string
  readonly line: number
}

/**
 * Every module a TypeScript file mentions: `import`, `import type`, `export from`, `import()`, `require()`,
 * `import.meta.resolve()` and the types `import('x').Y`.
 * Types count, because they end up in the published declarations.
 */
export function importsOf(root: string, file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const { program, module } = parseSync(file, text)
  const found: Import[] = []
  function add(specifier: string, at: number): void {
    found.push({ specifier, file, line: text.slice(0, at).split('\n').length })
  }
  for (const { moduleRequest } of module.staticImports) add(moduleRequest.value, moduleRequest.start)
  for (const { entries } of module.staticExports)
    for (const { moduleRequest } of entries.slice(0, 1))
      if (moduleRequest) add(moduleRequest.value, moduleRequest.start)
  new Visitor({
    ImportExpression({ source }) {
      if (source.type === 'Literal' && typeof source.value === 'string') add(source.value, source.start)
    },
    TSImportType({ source }) {
      add(source.value, source.start)
    },
    CallExpression({ callee, arguments: [first], start, end }) {
      const called = text.slice(start, end)
      const resolves = callee.type === 'MemberExpression' && /^(import\.meta|require)\.resolve\(/.test(called)
      const requires =
        (callee.type === 'Identifier' && callee.name === 'require') ||
        /^createRequire\([\w.]+\)\(/.test(called)
      if (!resolves && !requires) return
      if (first?.type === 'Literal' && typeof first.value === 'string') add(first.value, start)
    },
  }).visit(program)
  return found
}

/** The package a specifier belongs to (`@hawser/wire`, `ws`, `node:fs`); undefined for a relative one. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('#') || specifier.startsWith('file:'))
    return undefined
  if (specifier.startsWith('node:')) return specifier
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
