import t from 'tap'
import { dialFailure, listenFailure } from '../src/failure.js'

const withCode = (code: string, message = `connect ${code}`) => Object.assign(new Error(message), { code })

t.test('a failed dial tells whether another try makes sense', async (t) => {
  for (const [code, retryable] of [
    ['ECONNREFUSED', true],
    ['ETIMEDOUT', true],
    ['EMFILE', true],
    ['EADDRNOTAVAIL', true],
    ['EAGAIN', true],
    ['ENOBUFS', true],
    ['EAI_AGAIN', true],
    ['EHOSTUNREACH', true],
    ['ENOTFOUND', false],
    ['EAFNOSUPPORT', false],
    ['EACCES', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', false],
    ['CERT_HAS_EXPIRED', false],
    ['ERR_SSL_WRONG_VERSION_NUMBER', false],
  ] as const) {
    const cause = withCode(code)
    const error = dialFailure('tcp://a:1', cause)
    t.match(error, { code: 'unavailable', reason: 'unreachable', executed: 'no', retryable, cause }, code)
  }
})

t.test('the message names the address and the cause, also where the cause has no text', async (t) => {
  t.equal(
    dialFailure('tcp://a:1', withCode('ECONNREFUSED', '')).message,
    'Cannot connect to tcp://a:1: ECONNREFUSED',
  )
  t.equal(
    dialFailure('tls://a:1', withCode('CERT_HAS_EXPIRED', 'certificate has expired')).message,
    'Cannot connect to tls://a:1: certificate has expired',
  )
  const openssl = withCode('ERR_SSL_WRONG_VERSION_NUMBER', '40:error:0A00010B:SSL:ssl/record/x.c:350:\n')
  t.equal(
    dialFailure('tls://a:1', Object.assign(openssl, { reason: 'wrong version number' })).message,
    'Cannot connect to tls://a:1: wrong version number',
  )
  t.equal(dialFailure('tcp://a:1', 'odd').message, 'Cannot connect to tcp://a:1: odd')
})

t.test('a failed listen tells why', async (t) => {
  for (const [code, expected] of [
    ['EADDRINUSE', 'already_exists'],
    ['EACCES', 'permission_denied'],
    ['EADDRNOTAVAIL', 'not_found'],
    ['EMFILE', 'unavailable'],
  ] as const)
    t.match(listenFailure('tcp://a:1', withCode(code)), {
      code: expected,
      executed: 'no',
      message: /tcp:\/\/a:1/,
    })
})
