import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'

// Packets are dropped in a network namespace of its own, so that nothing else on the machine loses any.
const inside = fileURLToPath(new URL('../fixtures/network.ts', import.meta.url))
const missing = impossible()

t.test(
  'F3 F4 F5 F28 calls over a network that loses packets',
  { skip: missing && !process.env.CI ? missing : false, timeout: 120_000 },
  async (t) => {
    t.equal(missing, undefined)
    const setUp = 'ip link set lo up && exec "$@"'
    await t.spawn('unshare', ['-n', 'sh', '-c', setUp, 'sh', process.execPath, '--import=tsx', inside])
  },
)

/** Why it cannot be done here; undefined where it can. */
function impossible(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are Linux’s'
  if (process.getuid?.() !== 0) return 'only root can drop packets'
  try {
    execFileSync('unshare', ['-n', 'sh', '-c', 'ip link set lo up && nft add table inet probe'], {
      stdio: 'ignore',
    })
    execFileSync('tc', ['-V'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'ip, tc or nft is missing (Debian: iproute2, nftables)'
  }
}
