import { type Connection, codes, type Reason, RpcError, reasons } from '@hawser/contract'
import { decodeError, readU32, textOf, utf8Cut } from '@hawser/wire'
import { blockIn, nameParts, u32 } from './blocks.js'
import { cancelQueue } from './cancel-queue.js'
import { cutter } from './cutter.js'
import { badFrame, exhausted, fault, late, lost, tooLarge, unavailable } from './fault.js'
import { goawayError } from './goaway.js'
import { faultIn } from './headers.js'
import { early, openerHello, readHello } from './hello.js'
import * as Kind from './kind.js'
import { liveness } from './liveness.js'
import { outflow } from './outflow.js'
import { type Outgoing, streamsIn, streamsOut } from './outgoing.js'
import { requests } from './requests.js'
import type { Session, SessionOwner } from './session.js'
import { sizeOf, writer } from './writer.js'

const nothing = new Uint8Array(0)
// Three quarters of the ids, so that the last calls can still end in peace.
const lastId = 0.75 * 2 ** 32

/** @throws TypeError for codecs or a credential that make no hello */
export function openSession(connection: Connection, owner: SessionOwner): Session {
  const { limits, clock, codecs: offered } = owner
  const ownHello = openerHello(offered, limits, owner.credential?.())
  const calls = new Map<number, Outgoing>()
  let drainTimer: unknown
  let greeting = early
  let state: 'open' | 'closing' | 'ended' = 'open'
  let wentAway: RpcError | undefined
  let endedFor: RpcError | undefined
  let nextId = 1
  // The highest id of the other side's calls.
  let theirId = 0
  let strays = 0
  let pings = 0
  const greeted = () => greeting !== early
  const takes = (codec: number) => codec >= 0 && (greeting.codecs?.includes(codec) ?? true)

  // ---- what this side says ------------------------------------------------------------------------------------

  const out = writer(connection, clock, () => resume())
  const layOut = requests(limits)
  const cancels = cancelQueue(clock, ({ id, cancelCode }) => out.frame(Kind.cancel, id, [], 0, cancelCode))

  // @throws RpcError `too_large`
  const checked: typeof out.frame = (kind, id, parts = [], codec, detail, flags) => {
    const size = sizeOf(parts)
    if (size > Math.min(limits.sendBytes, greeting.bytes)) throw tooLarge(size, 'no')
    out.frame(kind, id, parts, codec, detail, flags)
  }

  // @throws RpcError `no_codec`, `deadline`, `bad_header` or `too_large`; TypeError for a method name that is none
  const request = (call: Outgoing) => {
    const { codec } = call
    call.codecIndex = offered.indexOf(codec)
    if (!takes(call.codecIndex)) throw fault('unimplemented', 'no_codec', `${codec} is not taken there`)
    const left = Math.ceil(call.deadline - clock.now())
    if (left <= 0) throw late()
    const { parts, flags, sent } = layOut(call, left, greeting.names)
    checked(Kind.request, nextId, parts, call.codecIndex, call.kind, flags)
    sent()
  }

  const stream = (call: Outgoing) => {
    const { id } = call
    const broke = (error: unknown) => drop(call, RpcError.from(error, 'aborted', { reason: 'cancelled' }))
    try {
      call.outflow = outflow(call.items!, {
        ready: () => greeted() && out.ready,
        item: (bytes) => checked(Kind.item, id, [bytes], call.codecIndex),
        ended: () => out.frame(Kind.end, id),
        broke,
      })
      call.outflow.resume()
    } catch (error) {
      broke(error)
    }
  }

  const open = () => state === 'open' && !wentAway

  const fits = (call: Outgoing) =>
    open() &&
    calls.size < greeting.calls &&
    out.ready &&
    // Before the hello only small messages may go, and no items; a call that waits can still be laid out in another codec.
    (greeted() || (!streamsIn(call) && call.body.length < greeting.bytes / 2))

  const send = (call: Outgoing) => {
    try {
      request(call)
    } catch (error) {
      call.failed(RpcError.from(error, 'invalid_argument').with({ executed: 'no' }))
      return
    }
    call.id = nextId
    calls.set(nextId, call)
    nextId += 2
    if (streamsIn(call)) stream(call)
    // Its caller is done when it is on its way; its place waits for the acknowledgement.
    if (call.kind === Kind.oneway) call.replied(nothing)
    if (nextId > lastId) leave('draining')
  }

  const cancel = (call: Outgoing, { code }: RpcError) => {
    if (call.cancelCode > 0 || calls.get(call.id) !== call) return
    call.outflow?.stop()
    const isLate = code === 'deadline_exceeded'
    call.cancelCode = codes[isLate ? code : 'cancelled']
    // The call's own deadline needs no telling: the other side has the same one.
    if (!isLate || clock.now() < call.deadline) {
      cancels.calls.add(call)
      cancels.send(greeting)
    }
    freed()
  }

  // What goes wrong with a call on this side.
  const drop = (call: Outgoing, error: RpcError) => {
    cancel(call, error)
    call.failed(error)
  }

  // Something may go on: the write queue has room, or the other side has said what it takes.
  const resume = () => {
    cancels.send(greeting)
    for (const call of [...calls.values()]) call.outflow?.resume()
    freed()
  }

  const goaway = (reason: Reason, text = '') =>
    out.frame(Kind.goaway, theirId, [utf8Cut(text, 64)], 0, reasons[reason])

  // ---- what the other side says -------------------------------------------------------------------------------

  // The call of a frame, which has to be in the call's codec.
  const find = (id: number, codec: number) => {
    const call = calls.get(id)
    if (call && call.codecIndex !== codec) throw badFrame('An answer in another codec')
    return call
  }

  // The final answer has come.
  const release = (call: Outgoing) => {
    calls.delete(call.id)
    cancels.calls.delete(call)
    call.outflow?.stop()
    freed()
  }

  // Calls with higher ids fail: all, where the connection does.
  const fail = (error: RpcError, above = 0) => {
    for (const [id, call] of [...calls]) if (id > above) failed(call, error)
  }

  // A frame for a call that does not exist, or has no use for it, is ignored; not so a flood of them.
  const stray = () => {
    if (++strays > limits.strayFrames) throw exhausted('abuse', 'Too many stray frames')
  }

  // Was the call made by this side? One that the other side has not made yet is as stray as one we never made.
  const mine = (id: number) => {
    if (id % 2 === 1) return true
    if ((id === 0 || id > theirId) && state === 'open') stray()
    return false
  }

  const failed = (call: Outgoing | undefined, error: RpcError) => {
    if (!call) return stray()
    release(call)
    call.failed(error)
  }

  const reply = (call: Outgoing | undefined, flags: number, bytes: Uint8Array) => {
    let body = bytes
    let broken: RpcError | undefined
    if (flags & Kind.headed) {
      const block = blockIn(body)
      body = body.subarray(2 + block.length)
      broken = faultIn(block, limits)
    }
    const streams = (flags & Kind.streaming) > 0
    if (streams && body.length > 0) throw badFrame('A malformed reply')
    if (!call || call.streams) return stray()
    if (streams !== streamsOut(call)) broken ??= badFrame('A reply of another kind')
    broken = broken?.with({ executed: 'yes' })
    // What follows such a reply with items are strays.
    if (broken) streams ? drop(call, broken) : failed(call, broken)
    else if (streams) call.streams = true
    else {
      release(call)
      call.replied(body)
    }
  }

  // This side answers no calls: not executed, and without a word.
  const refuse = (id: number, codec: number, code: number, reason: number) => {
    if (state !== 'open') return
    // Ids of one side only rise, so that "the last accepted" means something.
    if (id % 2 === 1 || id <= theirId) throw badFrame('An id out of order')
    theirId = id
    out.frame(Kind.error, id, [Uint8Array.of(code, reason, 0, 0, 0)], codec)
  }

  const frame = (bytes: Uint8Array) => {
    if (state === 'ended') return
    const kind = bytes[4]!
    const flags = bytes[5]!
    const codec = bytes[6]!
    const id = readU32(bytes, 8)
    const body = bytes.subarray(Kind.headBytes)
    const unknown = kind < Kind.hello || kind > Kind.goaway
    // An acceptor that does not let us in says so instead of its hello.
    const misplaced = greeted() === (kind === Kind.hello) && kind !== Kind.goaway
    if (misplaced || (unknown ? kind >= Kind.critical : flags & ~Kind.flagsOf(kind)))
      throw badFrame(`A frame of kind ${kind}`)
    switch (kind) {
      case Kind.hello:
        greeting = readHello(body, offered.length, limits)
        input.limit = limits.receiveBytes
        watched.handshaken()
        owner.opened(self)
        resume()
        break
      case Kind.request:
        refuse(id, codec, codes.unimplemented, reasons.no_method)
        break
      case Kind.reply:
        reply(find(id, codec), flags, body)
        break
      case Kind.error: {
        const error = decodeError(body)
        if (!error) throw badFrame('A malformed error')
        failed(find(id, codec), error)
        break
      }
      case Kind.item: {
        const call = find(id, codec)
        if (mine(id) && !(call?.streams && call.inflow!.push(body))) stray()
        break
      }
      case Kind.end: {
        const call = calls.get(id)
        if (call?.streams) {
          release(call)
          call.replied(nothing)
        } else if (mine(id)) stray()
        break
      }
      case Kind.credit:
        if (body.length !== 4) throw badFrame('A malformed credit')
        if (mine(id)) (calls.get(id)?.outflow?.resume ?? stray)(readU32(body, 0))
        break
      case Kind.cancel:
        if (mine(id)) stray()
        break
      case Kind.notify: {
        const name = blockIn(body)
        const type = textOf(name)
        if (!type || name.length > limits.methodBytes || !takes(codec) || !offered[codec])
          throw badFrame('A malformed notification')
        owner.notified(type, offered[codec], body.subarray(2 + name.length), self)
        break
      }
      case Kind.ping:
        out.frame(Kind.pong, id)
        break
      case Kind.goaway: {
        const error = goawayError(bytes[7]!, textOf(body))
        const first = !wentAway
        wentAway ??= error
        // Before its calls fail: they may be sent again, and not by this connection.
        if (first) owner.leaving(self, error)
        fail(error.with({ executed: 'no', retryable: error.retryable }), id)
      }
    }
  }

  const oversize = (head: Uint8Array, size: number) => {
    const kind = head[4]!
    const codec = head[6]!
    const id = readU32(head, 8)
    const error = tooLarge(size, kind === Kind.reply ? 'yes' : 'maybe')
    if (!greeted()) throw badFrame('A hello over the limit')
    if (kind === Kind.request) refuse(id, codec, codes.resource_exhausted, reasons.too_large)
    else if (kind === Kind.reply || kind === Kind.error) failed(find(id, codec), error)
    else if (kind === Kind.item) {
      const call = calls.get(id)
      if (call?.cancelCode === 0) drop(call, error)
      else if (mine(id)) stray()
    } else if (kind > 0 && kind !== Kind.notify && (kind <= Kind.goaway || kind >= Kind.critical))
      throw badFrame(`A frame of kind ${kind} over the limit`)
  }

  const input = cutter(limits.helloBytes, frame, oversize)

  // ---- lifecycle ----------------------------------------------------------------------------------------------

  const watched = liveness(clock, limits, {
    busy: () => connection.queued > 0,
    awaits: () => calls.size > 0,
    ping: () => out.frame(Kind.ping, ++pings),
    dead: (reason) => abort(reason),
  })

  const receive = (bytes: Uint8Array) => {
    if (state === 'ended') return
    try {
      input.push(bytes)
      watched.heard(input.partial(), input.frames)
    } catch (error) {
      broken(RpcError.from(error))
    }
  }

  // The connection cannot go on: the other side is told why, if it has said hello; and everything settles.
  const broken = (error: RpcError) => {
    owner.faulty(error, self)
    if (!greeted()) {
      abort(error)
      return
    }
    goaway(error.reason ?? 'internal', error.message)
    out.flush()
    end(error)
    // A peer at fault gets a moment to read why, not the patience of a graceful close.
    const timer = clock.timer(1_000, () => connection.abort(error))
    void connection.close().then(() => clock.clear(timer))
  }

  // There may be room for calls that wait; or nobody wants the outcome of any any more.
  const freed = () => {
    if (state === 'open') owner.freed(self)
    else if (state === 'closing' && [...calls.values()].every(({ cancelCode }) => cancelCode > 0)) {
      out.flush()
      void connection.close()
    }
  }

  // Takes no more calls, lets the running ones end, and closes.
  const leave = (reason: Reason) => {
    if (state !== 'open') return
    state = 'closing'
    goaway(reason)
    drainTimer = clock.timer(limits.drainMs, () => abort(unavailable('draining', 'Draining took too long')))
    freed()
  }

  const end = (reason: RpcError | undefined) => {
    if (state === 'ended') return
    const inPeace = state === 'closing' && !reason
    state = 'ended'
    watched.close()
    clock.clear(drainTimer)
    cancels.close()
    endedFor = reason ?? wentAway ?? (inPeace ? undefined : lost())
    fail(endedFor?.reason === 'connection_lost' ? endedFor : lost(endedFor))
  }

  const abort = (reason: RpcError) => {
    end(reason)
    connection.abort(reason)
  }

  const closed = connection.closed.then((reason) => {
    end(reason)
    return endedFor
  })

  const self: Session = {
    connection,
    closed,
    greeted,
    open,
    codecs: () => offered.filter((_, index) => takes(index)),
    active: () => calls.size,
    fits,
    send,
    cancel,
    grant(call, bytes) {
      if (call.cancelCode === 0 && calls.get(call.id) === call) out.frame(Kind.credit, call.id, [u32(bytes)])
    },
    notify(type, codec, body) {
      const may = state !== 'ended' && greeted() && out.ready
      if (may) checked(Kind.notify, 0, [...nameParts(type, limits), body], offered.indexOf(codec))
      return may
    },
    async close() {
      leave('closed')
      await closed
    },
    abort,
  }
  connection.send(ownHello)
  connection.start(receive)
  return self
}
