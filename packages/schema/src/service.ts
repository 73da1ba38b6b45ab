import type { CallKind, MethodType, ServiceType } from '@hawser/contract'

// `package.Service`: what .proto, .thrift and .tars can all express.
const serviceName = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/
const methodName = /^[A-Za-z_][A-Za-z0-9_]*$/

function method<K extends CallKind, I, O>(kind: K): MethodType<K, I, O> {
  return Object.freeze({ kind })
}

/** One request, one response. */
export function unary<I, O>(): MethodType<'unary', I, O> {
  return method('unary')
}

/** One request and no response: the caller does not wait for the handler. */
export function oneway<I>(): MethodType<'oneway', I, void> {
  return method('oneway')
}

/** Many requests, one response. */
export function clientStream<I, O>(): MethodType<'client-stream', I, O> {
  return method('client-stream')
}

/** One request, many responses. */
export function serverStream<I, O>(): MethodType<'server-stream', I, O> {
  return method('server-stream')
}

/** Many requests and many responses, each side at its own pace. */
export function duplex<I, O>(): MethodType<'duplex', I, O> {
  return method('duplex')
}

/**
 * A named set of methods: the contract that `server.implement` and `client.stub` share.
 * @param name `package.Service`
 * @throws TypeError for a name that is no dotted identifier, or a method name that is no identifier
 */
export function service<const M extends Record<string, MethodType>>(
  name: string,
  methods: M,
): ServiceType<M> {
  if (!serviceName.test(name)) throw new TypeError(`${JSON.stringify(name)} cannot be the name of a service`)
  for (const key of Object.keys(methods))
    if (!methodName.test(key)) throw new TypeError(`${JSON.stringify(key)} cannot be the name of a method`)
  return Object.freeze({ name, methods: Object.freeze({ ...methods }) })
}
