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

/** The first is the one that others are compared with. */
export const subjects: readonly Subject[] = [
  subject('hawser', [], 'tcp, msgpack, everything on'),
  {
    ...subject('hawser-nocontext', [], 'the same without the async context'),
    folder: 'hawser',
    variant: 'nocontext',
  },
  subject('minimum', ['msgpackr'], 'hand-written: length prefix, msgpackr, a Map of pending calls'),
  subject('grpc', ['@grpc/grpc-js', '@grpc/proto-loader'], 'HTTP/2, Protocol Buffers'),
  subject('thrift', ['thrift'], 'buffered transport, binary protocol'),
  {
    ...subject('socket.io', ['socket.io', 'socket.io-client'], 'WebSocket, acknowledgements'),
    folder: 'socket-io',
  },
  subject('rpc-websockets', ['rpc-websockets'], 'JSON-RPC 2.0 over WebSocket'),
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
