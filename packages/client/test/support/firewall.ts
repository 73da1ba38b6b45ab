import { execFileSync } from 'node:child_process'

const table = 'hawser_test'

/** What is done to the packets of a port, on the loopback device of a network namespace that nobody else is in. */
export class Firewall implements Disposable {
  readonly #port: number

  /** @param port the server's */
  constructor(port: number) {
    this.#port = port
    nft(`add table inet ${table}`)
    nft(`add chain inet ${table} out { type filter hook output priority 0; }`)
  }

  /** Loses what is sent to the server, by it, or both: all of it, or so many in a hundred. */
  lose(which: 'to' | 'from' | 'both', percent = 100): void {
    const share = percent === 100 ? '' : `numgen random mod 100 < ${percent} `
    if (which !== 'from') nft(`add rule inet ${table} out tcp dport ${this.#port} ${share}drop`)
    if (which !== 'to') nft(`add rule inet ${table} out tcp sport ${this.#port} ${share}drop`)
  }

  /** Lets everything through again. */
  heal(): void {
    nft(`flush chain inet ${table} out`)
  }

  /** Lets through so many bits a second, and keeps what comes faster waiting. */
  slow(rate: string): void {
    execFileSync('tc', [
      'qdisc',
      'add',
      'dev',
      'lo',
      'root',
      'tbf',
      'rate',
      rate,
      'burst',
      '32kb',
      'latency',
      '2s',
    ])
  }

  [Symbol.dispose](): void {
    nft(`delete table inet ${table}`)
  }
}

function nft(command: string): void {
  execFileSync('nft', [command])
}
