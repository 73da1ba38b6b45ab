import { readWorkspace } from '../workspace.js'
import { writeGenerated } from './generated.js'

const written = writeGenerated(readWorkspace())
console.log(written.length === 0 ? 'Everything generated is current.' : `Wrote ${written.join(', ')}`)
