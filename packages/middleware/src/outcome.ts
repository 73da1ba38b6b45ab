import { type Call, type Handler, type Reply, type ReplySink, RpcError } from '@hawser/contract'

/** Hands a call on; whichever way the handler answers, the sink is told once. */
export function handOn(next: Handler, call: Call, sink: ReplySink): void {
  let reply: Reply | Promise<Reply>
  try {
    reply = next(call)
  } catch (error) {
    sink.failed(RpcError.from(error))
    return
  }
  if (isPromise(reply))
    reply.then(
      (reply) => told(reply, sink),
      (error) => sink.failed(RpcError.from(error)),
    )
  else told(reply, sink)
}

export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Promise<T> | undefined)?.then === 'function'
}

/** Closes the items of a reply that nobody will read. */
export function discard({ output }: Reply): void {
  if (output instanceof Uint8Array) return
  try {
    output[Symbol.asyncIterator]()
      .return?.()
      .catch(() => undefined)
  } catch {
    // What a source does on its way out no longer concerns the call.
  }
}

function told(reply: Reply, sink: ReplySink): void {
  // What is further in may be anybody's.
  if (reply?.output) sink.replied(reply)
  else sink.failed(new RpcError('internal', 'The handler answered with nothing', { executed: 'yes' }))
}
