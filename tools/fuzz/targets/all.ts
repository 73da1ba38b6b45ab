import type { Target } from '../target.js'
import { errorsTarget } from './errors.js'
import { framesTarget } from './frames.js'
import { headersTarget } from './headers.js'
import { helloTarget } from './hello.js'
import { httpTarget } from './http.js'
import { jsonTarget } from './json.js'
import { jsonFrameTarget } from './json-frame.js'
import { msgpackTarget } from './msgpack.js'
import { protoTarget } from './proto.js'
import { protobufTarget } from './protobuf.js'
import { splitterTarget } from './splitter.js'
import { binaryTarget, compactTarget } from './thrift.js'
import { typedJsonTarget, typedMsgpackTarget } from './typed.js'
import { wsUpgradeTarget } from './ws-upgrade.js'

/** Every target by its name, made when it is asked for. */
export const targets: ReadonlyMap<string, () => Target | Promise<Target>> = new Map<
  string,
  () => Target | Promise<Target>
>([
  ['splitter', () => splitterTarget],
  ['json', () => jsonTarget],
  ['msgpack', () => msgpackTarget],
  ['typed-json', () => typedJsonTarget],
  ['typed-msgpack', () => typedMsgpackTarget],
  ['binary', () => binaryTarget],
  ['compact', () => compactTarget],
  ['protobuf', () => protobufTarget],
  ['proto', () => protoTarget],
  ['hello', () => helloTarget],
  ['headers', () => headersTarget],
  ['errors', () => errorsTarget],
  ['http', () => httpTarget],
  ['ws-upgrade', () => wsUpgradeTarget],
  ['json-frame', () => jsonFrameTarget],
  // Last, because it takes the most time and gets what the others leave.
  ['frames', framesTarget],
])
