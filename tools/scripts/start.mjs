// `npm start`: installs, builds and runs the showcase. Arguments go to the showcase: `npm start -- --once`.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { install, root } from './install.mjs'

const showcase = join(root, 'apps', 'showcase')

if (!install()) process.exit(1)
const tsc = join(root, 'node_modules', 'typescript', 'lib', 'tsc.js')
const { status } = spawnSync(process.execPath, [tsc, '-b', root, showcase], { cwd: root, stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
// In this process rather than a child: then there is nobody to pass signals on to.
const main = join(showcase, 'dist', 'main.js')
process.argv[1] = main
await import(pathToFileURL(main).href)
