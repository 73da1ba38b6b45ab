import type { MethodType, ServiceType } from '@hawser/contract'
import { serverStream, service } from '@hawser/schema'

/** One text, again and again. */
export const Repeat: ServiceType<{ readonly repeat: MethodType<'server-stream', string, string> }> = service(
  'bench.Repeat',
  { repeat: serverStream<string, string>() },
)
