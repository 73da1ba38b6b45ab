import { availableParallelism } from 'node:os'
import { systemClock } from '@hawser/contract'
import { ipc } from '@hawser/transport-ipc'
import { tcp } from '@hawser/transport-tcp'
import { consoleLog } from '@hawser/wire'
import type { ChildSettings } from './child.js'
import { InProcess } from './in-process.js'
import { type Model, models, type ServeOptions } from './options.js'
import { PerConnection } from './per-connection.js'
import type { Placement, PlacementOwner } from './placement.js'
import { Pool } from './pool.js'
import { processes } from './process-carrier.js'
import { Running } from './running.js'
import { threads } from './thread-carrier.js'

const defaultPlaces = 32
const inProcess: readonly Model[] = ['serial', 'async']
const perConnection: readonly Model[] = ['thread-per-connection', 'process-per-connection']

/**
 * Serves what a module makes at some addresses, in one of the process models. Resolves when all of it listens.
 * @param module its default export makes a server, see {@link ServerModule}; a URL, as text or not, and no relative path
 * @throws TypeError for options that make no sense; what a transport says of an address; Error when a server does not start
 */
export async function serve(module: string | URL, options: ServeOptions): Promise<Running> {
  const model = options.model ?? 'async'
  const listen = typeof options.listen === 'string' ? [options.listen] : [...(options.listen ?? [])]
  check(model, listen, options)
  // It would be looked for beside this very file.
  if (typeof module === 'string' && module.startsWith('.'))
    throw new TypeError(
      `A module is a URL, as in new URL('./server.js', import.meta.url), unlike "${module}"`,
    )
  const clustered = options.accept === 'cluster'
  return Running.open({
    model,
    listen: clustered ? [] : listen,
    transports: options.transports ?? [tcp(), ipc()],
    decrypts: model === 'thread-per-connection',
    ...(options.onChannel && { onChannel: options.onChannel }),
    place: (owner) => placementOf(model, String(module), options, owner, clustered ? listen : undefined),
  })
}

function check(model: string, listen: readonly string[], { workers, drainMs, accept }: ServeOptions): void {
  if (!models.some((known) => known === model))
    throw new TypeError(`There is no model ${JSON.stringify(model)}; there is ${models.join(', ')}`)
  if (listen.length === 0) throw new TypeError('A server needs an address to listen on')
  if (workers !== undefined && !(Number.isSafeInteger(workers) && workers > 0))
    throw new TypeError(`workers is a whole number from 1 up, not ${workers}`)
  if (drainMs !== undefined && !(Number.isSafeInteger(drainMs) && drainMs >= 0))
    throw new TypeError(`drainMs is a whole number of milliseconds, not ${drainMs}`)
  if (accept !== 'cluster') return
  if (model !== 'prefork-async') throw new TypeError(`The model ${model} does not accept through the cluster`)
  if (listen.some((address) => address.startsWith('ipc:')))
    throw new TypeError('ipc addresses are not accepted at through the cluster')
}

function placementOf(
  model: Model,
  module: string,
  options: ServeOptions,
  owner: PlacementOwner,
  own: readonly string[] | undefined,
): Placement {
  const clock = options.clock ?? systemClock()
  const drainMs = options.drainMs ?? 25_000
  if (inProcess.includes(model)) {
    const atOnce = model === 'serial' ? 1 : Number.POSITIVE_INFINITY
    return new InProcess({ model, module, clock, drainMs, atOnce }, owner)
  }
  const { env = process.env, execArgv = process.execArgv, resourceLimits } = options
  const spawn =
    model === 'thread-per-connection'
      ? threads({ env, execArgv, resourceLimits })
      : processes({ env, execArgv, clustered: own !== undefined })
  const settings = (addresses: readonly string[]): ChildSettings => ({
    spawn,
    start: { model, module, listen: own ?? addresses, accept: own ? 'cluster' : 'handed' },
    startMs: options.startMs ?? 10_000,
    drainMs,
    hangMs: options.hangMs ?? 30_000,
    clock,
    log: options.log ?? consoleLog,
  })
  const limits = { maxExits: options.maxExits ?? 5, exitsWithinMs: options.exitsWithinMs ?? 60_000, settings }
  if (perConnection.includes(model))
    return new PerConnection({ ...limits, workers: options.workers ?? defaultPlaces }, owner)
  const perChild = model === 'prefork' ? 1 : Number.POSITIVE_INFINITY
  return new Pool({ ...limits, workers: options.workers ?? availableParallelism(), perChild }, owner)
}
