import type { Test } from 'tap'
import { type Manifest, readWorkspace, type Workspace } from '../src/workspace.js'

/** A small repository: file texts by path. Folders are made as needed. */
export function repositoryOf(t: Test, files: Readonly<Record<string, string | object>>): Workspace {
  const tree: Tree = {}
  for (const [path, content] of Object.entries(files)) {
    const names = path.split('/')
    const file = names.pop()!
    let folder = tree
    for (const name of names) {
      folder[name] ??= {}
      folder = folder[name] as Tree
    }
    folder[file] = typeof content === 'string' ? content : JSON.stringify(content)
  }
  return readWorkspace(t.testdir(tree))
}

interface Tree {
  [name: string]: Tree | string
}

/** A package.json as every published package has it. */
export function manifestOf(
  role: string,
  changes: Partial<Manifest> & Readonly<Record<string, unknown>> = {},
): object {
  return {
    name: `@hawser/${role}`,
    version: '0.1.0',
    description: 'A package',
    license: 'MIT',
    type: 'module',
    engines: { node: '>=20.19.0' },
    sideEffects: false,
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist', 'src', 'README.md', 'LICENSE'],
    ...changes,
    scripts: { test: 'tap' },
    tap: { extends: '../../.taprc' },
  }
}
