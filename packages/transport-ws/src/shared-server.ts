import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Server as TlsServer } from 'node:tls'
import { RpcError } from '@hawser/contract'
import { formatAddress, type WsAddress } from './address.js'
import type { Front, FrontOwner } from './front.js'
import { pathOf, refuse } from './handshake.js'

/** The upgrade requests of an HTTP server that is not ours, handed out by path. Others may listen for upgrades besides. */
export class SharedServer {
  readonly #server: HttpServer
  readonly #owners = new Map<string, FrontOwner>()
  readonly #upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void

  constructor(server: HttpServer) {
    this.#server = server
    this.#upgrade = (request, socket, head) => this.#hand(request, socket as Socket, head)
  }

  /** The part of the server at the path of an address. */
  front(address: WsAddress, owner: FrontOwner): Front {
    return {
      open: async ({ signal }) => {
        signal?.throwIfAborted()
        return this.#add(address, owner)
      },
      upgraded: () => {},
      close: () => this.#remove(address.path, owner),
    }
  }

  #add(address: WsAddress, owner: FrontOwner): WsAddress {
    const { scheme, path, port } = address
    const secure = this.#server instanceof TlsServer
    if (secure !== (scheme === 'wss'))
      throw new TypeError(`The server given speaks ${secure ? 'TLS' : 'no TLS'}: ${formatAddress(address)}`)
    const bound = this.#server.address()
    if (!bound || typeof bound !== 'object')
      throw new TypeError('The server given has to listen on a port before its paths can')
    if (port !== 0 && port !== bound.port)
      throw new TypeError(`The server given listens on port ${bound.port}: ${formatAddress(address)}`)
    if (this.#owners.has(path))
      throw new RpcError('already_exists', `${formatAddress(address)} is in use`, { executed: 'no' })
    if (this.#owners.size === 0) this.#server.on('upgrade', this.#upgrade)
    this.#owners.set(path, owner)
    return { ...address, port: bound.port }
  }

  #remove(path: string, owner: FrontOwner): void {
    if (this.#owners.get(path) !== owner) return
    this.#owners.delete(path)
    if (this.#owners.size === 0) this.#server.off('upgrade', this.#upgrade)
  }

  #hand(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const owner = this.#owners.get(pathOf(request))
    if (!owner) {
      // Somebody else's, unless there is nobody else.
      if (this.#server.listenerCount('upgrade') === 1)
        refuse(socket, { status: 404, text: 'There is no WebSocket at this path' })
      return
    }
    const host = socket.remoteAddress
    const refused = host === undefined ? undefined : owner.enter(host)
    if (host === undefined || refused !== undefined) {
      refuse(socket, { status: 503, text: 'Too many connections' })
      if (refused) owner.refused(refused)
      return
    }
    socket.on('close', () => owner.leave(host))
    owner.upgrade(request, socket, head)
  }
}
