import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'

/** A certificate for this machine's loopback, signed by itself, and its key; both as PEM. */
export interface Certificate extends AsyncDisposable {
  readonly key: string
  readonly cert: string
  /** The file the certificate, not the key, can be read from by those who want to call. */
  readonly path: string
}

/** Makes one; its file is removed when it is disposed of. */
export async function makeCertificate(): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'Hawser showcase' }], {
    keyType: 'ec',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  const folder = await mkdtemp(join(tmpdir(), 'hawser-'))
  const path = join(folder, 'certificate.pem')
  await writeFile(path, cert)
  return { key, cert, path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}
