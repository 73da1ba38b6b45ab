import type { Solo, SoloAim } from './solo.js'

function codec(name: string, about: string): Solo {
  return { name, folder: 'codecs', variant: name, about }
}

/** For the codecs run: a struct of twenty fields. */
export const codecSolos: readonly Solo[] = [
  codec('binary', 'codec-binary, compiled'),
  codec('binary-interpreted', 'codec-binary where code generation is forbidden'),
  codec('compact', 'codec-binary in Thrift’s compact layout, compiled'),
  codec('protobuf', 'codec-protobuf'),
  codec('typed-msgpack', 'codec-msgpack with the type'),
  codec('typed-json', 'codec-json with the type'),
  codec('msgpackr', 'msgpackr as it comes: names in every message'),
  codec('msgpackr-records', 'msgpackr with shared structures: names sent once'),
  codec('thrift', 'npm thrift, binary protocol, code by Apache’s compiler'),
  codec('protobufjs', 'the code protobufjs makes of the type'),
]

export const codecTasks: readonly string[] = ['encode', 'decode', 'encode various', 'decode various']

export const codecAims: readonly SoloAim[] = [
  { of: 'binary', against: 'thrift', task: 'encode', aim: 5 },
  { of: 'binary', against: 'thrift', task: 'decode', aim: 5 },
  { of: 'binary', against: 'msgpackr', task: 'encode', aim: 1.2 },
  { of: 'binary', against: 'msgpackr', task: 'decode', aim: 1.2 },
  { of: 'binary', against: 'thrift', task: 'encode various', aim: 5 },
  { of: 'binary', against: 'thrift', task: 'decode various', aim: 5 },
  { of: 'binary', against: 'msgpackr', task: 'encode various', aim: 1.2 },
  { of: 'binary', against: 'msgpackr', task: 'decode various', aim: 1.2 },
  { of: 'binary', against: 'msgpackr-records', task: 'encode various', aim: 1.2 },
  { of: 'binary', against: 'msgpackr-records', task: 'decode various', aim: 1.2 },
  { of: 'protobuf', against: 'protobufjs', task: 'encode', aim: 0.9 },
  { of: 'protobuf', against: 'protobufjs', task: 'decode', aim: 0.9 },
  { of: 'protobuf', against: 'protobufjs', task: 'encode various', aim: 0.9 },
  { of: 'protobuf', against: 'protobufjs', task: 'decode various', aim: 0.9 },
]

function worker(name: string, variant: string, about: string): Solo {
  return { name, folder: 'workers', variant, about }
}

/** For the workers run: a payload of 1 MiB to a worker thread and back. */
export const workerSolos: readonly Solo[] = [
  worker(
    'worker',
    'hawser',
    'transport-worker, a call with the payload, answered with it: bytes raw and given away, the records in binary',
  ),
  worker('worker-msgpack', 'msgpack', 'the same with msgpack, nothing given away'),
  worker('postMessage', 'plain', 'postMessage of { id, payload }, and back'),
  worker('postMessage-transfer', 'transfer', 'the same, and the memory of bytes is transferred'),
]

export const workerTasks: readonly string[] = ['bytes', 'object']

export const workerAims: readonly SoloAim[] = [
  { of: 'worker', against: 'postMessage', task: 'bytes', aim: 3 },
  { of: 'worker', against: 'postMessage', task: 'object', aim: 3 },
]
