import type { EchoServer, Serve, ServeOptions } from '../../subject.js'

const servers: Readonly<Record<string, () => Promise<{ serve: Serve }>>> = {
  fastify: () => import('./fastify.js'),
  hawser: () => import('./hawser.js'),
  node: () => import('./node.js'),
}

/** `POST /echo` with `["text"]`, answered with `{"text":"text"}`. */
export async function serve(options: ServeOptions): Promise<EchoServer> {
  const { serve } = await servers[options.variant]!()
  return serve(options)
}
