/** One of the things compared. */
export interface Subject {
  /** For `--only`. */
  readonly name: string
  /** Under src/subjects/; it holds a server.ts and a client.ts. */
  readonly folder: string
  readonly variant: string
  /** The npm packages whose versions the report names. */
  readonly packages: readonly string[]
  readonly about: string
  /** Measured only when asked for by name. */
  readonly extra?: boolean
}

function subject(name: string, packages: readonly string[], about: string): Subject {
  return { name, folder: name, variant: '', packages, about }
}

function variants(folder: string, names: readonly string[], about: string): Subject[] {
  return names.map((variant) => ({
    name: `${folder}-${variant}`,
    folder,
    variant,
    packages: [],
    about: `${about}: ${variant}`,
    extra: true,
  }))
}

const hawser = subject('hawser', [], 'tcp, msgpack, everything on')
const socketIo: Subject = {
  ...subject('socket.io', ['socket.io', 'socket.io-client'], 'WebSocket, acknowledgements'),
  folder: 'socket-io',
}
const rpcWebsockets = subject('rpc-websockets', ['rpc-websockets'], 'JSON-RPC 2.0 over WebSocket')
const grpc = subject('grpc', ['@grpc/grpc-js', '@grpc/proto-loader'], 'HTTP/2, Protocol Buffers')

/** For the speed run. The first is the one that others are compared with. */
export const subjects: readonly Subject[] = [
  hawser,
  {
    ...subject('hawser-nocontext', [], 'the same without the async context'),
    folder: 'hawser',
    variant: 'nocontext',
  },
  subject('minimum', ['msgpackr'], 'hand-written: length prefix, msgpackr, a Map of pending calls'),
  grpc,
  subject('thrift', ['thrift'], 'buffered transport, binary protocol'),
  socketIo,
  rpcWebsockets,
  subject('capnweb', ['capnweb', 'ws'], 'over WebSocket (ws)'),
  subject('moleculer', ['moleculer'], 'two nodes, TCP transporter, JSON'),
  subject('fastify', ['fastify', 'undici'], 'HTTP/1.1, JSON, pipelined on one connection'),
  ...variants(
    'minimum',
    ['microtask', 'tick', 'immediate'].flatMap((when) =>
      ['concat', 'cork', 'copy', 'mixed'].map((how) => `${when}-${how}`),
    ),
    'the minimum, frames of a tick written by',
  ),
  ...variants(
    'thrift',
    ['binary-framed', 'binary-buffered', 'compact-framed', 'compact-buffered'],
    'thrift with',
  ),
]

function strand(variant: string, about: string): Subject {
  return { name: `hawser-${variant}`, folder: 'hawser', variant, packages: [], about }
}

/** For the transports run. */
export const transportSubjects: readonly Subject[] = [
  hawser,
  strand('ipc', 'the same over a Unix domain socket'),
  strand('ws', 'the same over WebSocket'),
  strand('memory', 'the same within one process, which has one of the two processors'),
  strand('one-process', 'the same over tcp, both ends in one process'),
  rpcWebsockets,
  socketIo,
]

/** For the streams run: a stream of answers, whose items are counted. */
export const streamSubjects: readonly Subject[] = [
  strand('stream', 'tcp, msgpack, a server stream read by for await'),
  { ...grpc, name: 'grpc-stream', variant: 'stream' },
]

function overHttp(variant: string, packages: readonly string[], about: string): Subject {
  return { name: `${variant}-http`, folder: 'http', variant, packages, about }
}

/** For the http run: HTTP/1.1 with keep-alive and JSON, a connection for each call in flight. */
export const httpSubjects: readonly Subject[] = [
  overHttp('hawser', [], 'tcp, protocol-http, json, everything on'),
  overHttp('node', [], 'node:http alone: the body read, JSON.parse, the function, JSON.stringify'),
  overHttp('fastify', ['fastify'], 'with schemas of body and answer'),
]
