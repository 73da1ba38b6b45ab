#!/usr/bin/env python3
"""A peer of hawser/1 in Python, written from docs/protocol.md and its vectors alone.

peer.py vectors FILE   decodes and encodes every frame of the vectors, and checks the two against each other
peer.py client PORT    calls every method of the vectors' conversations on 127.0.0.1 and checks what comes back
peer.py server         serves them on a free port, which it prints; until its standard input ends
"""
import asyncio
import json
import struct
import sys

PREFACE = bytes.fromhex("f86861777365720a")
HELLO, REQUEST, REPLY, ERROR, ITEM, END, CREDIT, CANCEL, NOTIFY, PING, PONG, GOAWAY = range(1, 13)
KINDS = "hello request reply error item end credit cancel notify ping pong goaway".split()
FLAGS = {REQUEST: 7, REPLY: 10}
UNARY, CLIENT_STREAM, SERVER_STREAM, DUPLEX, ONEWAY = range(5)
NAME, HEADERS, PROBE, STREAM = 1, 2, 4, 8
NO_INDEX, NO_DEADLINE = 65535, 4294967295
CANCELLED, DEADLINE_EXCEEDED, NOT_FOUND, RESOURCE_EXHAUSTED, UNIMPLEMENTED = 1, 4, 5, 8, 12
R_BAD_FRAME, R_TOO_LARGE, R_UNSUPPORTED, R_NO_METHOD, R_DEADLINE, R_CANCELLED = 1, 2, 5, 8, 10, 11
R_NO_CODEC, R_CLOSED = 18, 24
NO, MAYBE, YES = range(3)
RECEIVE_BYTES = 4 * 1024 * 1024
FIRST_CREDIT, ITEM_COST = 65536, 16


class BadFrame(Exception):
    """The other side broke the rules of framing."""


class CallError(Exception):
    def __init__(self, code, message="", reason=0, executed=MAYBE, retry=False, details=None):
        super().__init__(message)
        self.code, self.message, self.reason = code, message, reason
        self.executed, self.retry, self.details = executed, retry, details


# ---- frames ---------------------------------------------------------------------------------------------------


class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        if self.at + size > len(self.data):
            raise BadFrame("past the end")
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def text(self):
        return utf8(self.take(self.number(2)))

    def rest(self):
        return self.take(len(self.data) - self.at)


def utf8(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadFrame("not UTF-8") from error


def text16(text):
    data = text.encode("utf-8")
    return struct.pack(">H", len(data)) + data


def pack(kind, body=b"", flags=0, codec=0, detail=0, id=0):
    return struct.pack(">IBBBBI", len(body) + 8, kind, flags, codec, detail, id) + body


def header_block(pairs):
    block = b"".join(text16(key) + text16(value) for key, value in pairs)
    return struct.pack(">H", len(block)) + block


def read_headers(cursor, flags):
    if not flags & HEADERS:
        return None
    block = Cursor(cursor.take(cursor.number(2)))
    pairs = []
    while block.at < len(block.data):
        pairs.append([block.text(), block.text()])
    return pairs


def decode(data):
    """A frame as the vectors write it down: a dictionary."""
    _, kind, flags, codec, detail, id = struct.unpack(">IBBBBI", data[:12])
    name = KINDS[kind - 1] if 1 <= kind <= 12 else kind
    frame = {"kind": name, "flags": flags, "codec": codec, "detail": detail, "id": id}
    if kind <= 12 and flags & ~FLAGS.get(kind, 0):
        raise BadFrame("a flag that this kind has not")
    cursor = Cursor(data[12:])
    if kind == HELLO:
        frame["version"] = cursor.number(1)
        options = [(cursor.number(1), cursor.take(cursor.number(2))) for _ in range(cursor.number(1))]
        frame["options"] = [{"id": id, "value": value.hex()} for id, value in options]
        if cursor.rest() or len({id for id, _ in options}) < len(options):
            raise BadFrame("a malformed hello")
        return frame
    if kind == REQUEST:
        frame["index"], frame["timeoutMs"] = cursor.number(2), cursor.number(4)
        if flags & NAME:
            frame["name"] = cursor.text()
            if not 1 <= len(frame["name"].encode()) <= 256:
                raise BadFrame("a name of a wrong length")
    if kind in (REQUEST, REPLY):
        headers = read_headers(cursor, flags)
        if headers is not None:
            frame["headers"] = headers
    if kind == ERROR:
        frame["code"], frame["reason"], frame["facts"] = (cursor.number(1) for _ in range(3))
        frame["message"] = cursor.text()
        if frame["facts"] & 16:
            frame["retryAfterMs"] = cursor.number(4)
        if frame["facts"] & 3 == 3:
            raise BadFrame("executed in a fourth way")
    if kind == CREDIT:
        frame["granted"] = cursor.number(4)
        return frame
    if kind == NOTIFY:
        frame["name"] = cursor.text()
    if kind == GOAWAY:
        frame["message"] = utf8(cursor.rest())
        return frame
    frame["body"] = cursor.rest().hex()
    return frame


def encode(frame):
    """The bytes of a frame as the vectors write it down."""
    kind = KINDS.index(frame["kind"]) + 1
    rest = bytes.fromhex(frame.get("body", ""))
    body = b""
    if kind == HELLO:
        body = bytes([frame["version"], len(frame["options"])])
        for option in frame["options"]:
            value = bytes.fromhex(option["value"])
            body += struct.pack(">BH", option["id"], len(value)) + value
    if kind == REQUEST:
        body = struct.pack(">HI", frame["index"], frame["timeoutMs"])
        if "name" in frame:
            body += text16(frame["name"])
    if kind in (REQUEST, REPLY) and "headers" in frame:
        body += header_block(frame["headers"])
    if kind == ERROR:
        body = bytes([frame["code"], frame["reason"], frame["facts"]]) + text16(frame["message"])
        if frame["facts"] & 16:
            body += struct.pack(">I", frame["retryAfterMs"])
    if kind == CREDIT:
        body = struct.pack(">I", frame["granted"])
    if kind == NOTIFY:
        body = text16(frame["name"])
    if kind == GOAWAY:
        body = frame["message"].encode()
    return pack(kind, body + rest, frame["flags"], frame["codec"], frame["detail"], frame["id"])


# ---- a connection ---------------------------------------------------------------------------------------------

END_OF_STREAM = object()


class Stream:
    """One direction of one call, received. Grants what has been taken out of it."""

    def __init__(self, grant):
        self.queue, self.credit, self.grant = asyncio.Queue(), FIRST_CREDIT, grant

    def push(self, body):
        if self.credit <= 0:
            raise CallError(RESOURCE_EXHAUSTED, "beyond the credit", 9)
        self.credit -= len(body) + ITEM_COST
        self.queue.put_nowait(body)

    def __aiter__(self):
        return self

    async def __anext__(self):
        item = await self.queue.get()
        if item is END_OF_STREAM:
            raise StopAsyncIteration
        if isinstance(item, Exception):
            raise item
        cost = len(item) + ITEM_COST
        self.credit += cost
        self.grant(cost)
        return json.loads(item) if item else None


class Call:
    """A call of either side."""

    def __init__(self, connection, id, kind):
        self.connection, self.id, self.kind = connection, id, kind
        self.received = Stream(lambda cost: self.over or connection.send(CREDIT, struct.pack(">I", cost), id=id))
        self.credit, self.more = FIRST_CREDIT, asyncio.Event()
        self.answer = connection.loop.create_future()
        self.over, self.task = False, None

    async def item(self, value):
        while self.credit <= 0 and not self.over:
            self.more.clear()
            await self.more.wait()
        if self.over:
            return
        body = json.dumps(value).encode()
        self.credit -= len(body) + ITEM_COST
        self.connection.send(ITEM, body, id=self.id)

    def granted(self, count):
        self.credit += count
        self.more.set()

    def finish(self, error=None):
        self.over = True
        self.more.set()
        self.received.queue.put_nowait(error or END_OF_STREAM)
        if not self.answer.done():
            self.answer.set_exception(error) if error else self.answer.set_result(None)
            self.answer.exception()


class Connection:
    def __init__(self, reader, writer, role, methods):
        self.reader, self.writer, self.role, self.methods = reader, writer, role, methods
        self.loop = asyncio.get_running_loop()
        self.mine, self.theirs = {}, {}
        self.next_id, self.last_id = (1, 0) if role == "opener" else (2, 0)
        self.sent_names, self.names = {}, []
        self.interned, self.greeted = 0, asyncio.Event()
        self.goaway, self.leaving = None, False
        self.pongs, self.notified = {}, []
        self.codec = 0
        if role == "opener":
            self.writer.write(PREFACE + self.hello(b"\x04json"))

    def hello(self, codecs):
        limits = struct.pack(">IHHHH", RECEIVE_BYTES, 1024, 200, 33, 1024)
        options = [(1, codecs), (2, limits)]
        body = bytes([1, len(options)])
        for id, value in options:
            body += struct.pack(">BH", id, len(value)) + value
        return pack(HELLO, body)

    def send(self, kind, body=b"", **fields):
        if kind in (REQUEST, REPLY, ERROR, ITEM, NOTIFY):
            fields.setdefault("codec", self.codec)
        self.writer.write(pack(kind, body, **fields))

    async def run(self):
        """Reads until the connection ends."""
        try:
            if await self.reader.readexactly(8) != PREFACE:
                return
            while True:
                head = await self.reader.readexactly(4)
                size = int.from_bytes(head, "big")
                if size < 8:
                    raise BadFrame("too short")
                if size + 4 > RECEIVE_BYTES:
                    return self.fault(R_TOO_LARGE)
                self.take(decode(head + await self.reader.readexactly(size)))
        except BadFrame as error:
            self.fault(R_BAD_FRAME, str(error))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.greeted.set()
            for call in [*self.mine.values(), *self.theirs.values()]:
                call.finish(CallError(14, "the connection was lost", 15))
                if call.task:
                    call.task.cancel()
            self.writer.close()

    def fault(self, reason, text=""):
        if self.greeted.is_set():
            self.send(GOAWAY, text.encode()[:64], detail=reason, id=self.last_id)

    def take(self, frame):
        kind, id = frame["kind"], frame["id"]
        if isinstance(kind, int):
            if kind >= 128 or not self.greeted.is_set():
                raise BadFrame("an unknown kind")
            return
        refused = kind == "goaway" and self.role == "opener"
        if (kind == "hello") == self.greeted.is_set() and not refused:
            raise BadFrame("a hello at a wrong time")
        body = bytes.fromhex(frame.get("body", ""))
        call = (self.mine if (id % 2 == 1) == (self.role == "opener") else self.theirs).get(id)
        if kind == "hello":
            self.take_hello({option["id"]: bytes.fromhex(option["value"]) for option in frame["options"]})
        elif kind == "request":
            self.take_request(frame, body)
        elif kind == "ping":
            self.send(PONG, id=id)
        elif kind == "pong":
            if id in self.pongs:
                self.pongs.pop(id).set_result(None)
        elif kind == "notify":
            self.notified.append((frame["name"], json.loads(body)))
        elif kind == "goaway":
            self.goaway = frame
            for other in [call for call in self.mine.values() if call.id > id]:
                self.end(other, CallError(14, frame["message"], frame["detail"], NO, True))
        elif call is None:
            pass
        elif kind == "reply":
            if frame["flags"] & STREAM:
                call.answer.set_result((call.received, dict(frame.get("headers", []))))
            else:
                call.answer.set_result((json.loads(body) if body else None, dict(frame.get("headers", []))))
                self.end(call)
        elif kind == "error":
            facts = frame["facts"]
            details = json.loads(body) if facts & (32 if facts & 16 else 8) else None
            self.end(call, CallError(frame["code"], frame["message"], frame["reason"], facts & 3, bool(facts & 4), details))
        elif kind == "item":
            try:
                call.received.push(body)
            except CallError as error:
                self.refuse(call, error)
        elif kind == "end":
            if id in self.mine:
                self.end(call)
            else:
                call.received.queue.put_nowait(END_OF_STREAM)
        elif kind == "credit":
            call.granted(frame["granted"])
        elif kind == "cancel" and id in self.theirs:
            code = frame["detail"]
            self.refuse(call, CallError(code, "cancelled", R_DEADLINE if code == DEADLINE_EXCEEDED else R_CANCELLED))

    def take_hello(self, options):
        if 1 not in options or 2 not in options or len(options[2]) < 12:
            raise BadFrame("a hello that lacks something")
        self.interned = struct.unpack(">H", options[2][10:12])[0]
        if self.role == "acceptor":
            names, cursor = [], Cursor(options[1])
            while cursor.at < len(cursor.data):
                names.append(utf8(cursor.take(cursor.number(1))))
            if "json" not in names:
                self.writer.write(PREFACE + pack(GOAWAY, detail=R_UNSUPPORTED))
                raise ConnectionError
            self.codec = names.index("json")
            self.writer.write(PREFACE + self.hello(bytes([self.codec])))
        self.greeted.set()

    # ---- calls of the other side

    def take_request(self, frame, body):
        id = frame["id"]
        if self.leaving:
            return
        if id <= self.last_id or (id % 2 == 0) != (self.role == "opener") or frame["detail"] > 4:
            raise BadFrame("a wrong id or kind")
        self.last_id = id
        if "name" in frame:
            name = frame["name"]
            if frame["index"] != NO_INDEX:
                if frame["index"] != len(self.names):
                    raise BadFrame("not the next name")
                self.names.append(name)
        elif frame["index"] < len(self.names):
            name = self.names[frame["index"]]
        else:
            raise BadFrame("a name that was never given")
        if frame["codec"] != self.codec:
            # Not checked against the offer: this peer takes only one codec anyway.
            error = bytes([UNIMPLEMENTED, R_NO_CODEC, NO]) + text16("json only")
            return self.send(ERROR, error, id=id, codec=frame["codec"])
        call = Call(self, id, frame["detail"])
        self.theirs[id] = call
        call.task = self.loop.create_task(self.handle(call, name, frame, body))
        if frame["timeoutMs"] != NO_DEADLINE:
            late = CallError(DEADLINE_EXCEEDED, "too late", R_DEADLINE)
            self.loop.call_later(frame["timeoutMs"] / 1000, lambda: self.refuse(call, late))

    async def handle(self, call, name, frame, body):
        try:
            method = self.methods.get(name)
            if method is None:
                raise CallError(UNIMPLEMENTED, "There is no method " + name, R_NO_METHOD, NO)
            if frame["flags"] & PROBE:
                self.send(REPLY, id=call.id)
            elif call.kind in (SERVER_STREAM, DUPLEX):
                self.send(REPLY, id=call.id, flags=STREAM)
                source = call.received if call.kind == DUPLEX else json.loads(body)
                async for value in method(source):
                    await call.item(value)
                if not call.over:
                    self.send(END, id=call.id)
            else:
                source = call.received if call.kind == CLIENT_STREAM else json.loads(body)
                value = await method(source)
                has_value = value is not None and call.kind != ONEWAY
                self.send(REPLY, json.dumps(value).encode() if has_value else b"", id=call.id)
            self.theirs.pop(call.id, None)
            call.over = True
            self.close_when_done()
        except CallError as error:
            self.refuse(call, error)

    def refuse(self, call, error):
        """Answers a call of the other side with an error, and stops it; or gives up one of ours."""
        if call.over:
            return
        if call.id in self.mine:
            self.send(CANCEL, detail=CANCELLED, id=call.id)
            return call.received.queue.put_nowait(error)
        facts = error.executed | (4 if error.retry else 0) | (8 if error.details is not None else 0)
        details = b"" if error.details is None else json.dumps(error.details).encode()
        self.send(ERROR, bytes([error.code, error.reason, facts]) + text16(error.message) + details, id=call.id)
        self.theirs.pop(call.id, None)
        call.finish(error)
        if call.task is not asyncio.current_task():
            call.task.cancel()
        self.close_when_done()

    # ---- calls of this side

    def call(self, method, arguments=None, kind=UNARY, timeout=None, headers=None, probe=False):
        if self.goaway:
            raise CallError(14, "going away", self.goaway["detail"], NO, True)
        id, self.next_id = self.next_id, self.next_id + 2
        call = self.mine[id] = Call(self, id, kind)
        index, name = self.sent_names.get(method), b""
        if index is None:
            name, index = text16(method), NO_INDEX
            # Before the acceptor's hello names are not interned.
            if self.greeted.is_set() and len(self.sent_names) < self.interned:
                index = self.sent_names[method] = len(self.sent_names)
        flags = (NAME if name else 0) | (HEADERS if headers else 0) | (PROBE if probe else 0)
        body = struct.pack(">HI", index, NO_DEADLINE if timeout is None else timeout) + name
        body += header_block(headers) if headers else b""
        body += b"" if arguments is None else json.dumps(arguments).encode()
        self.send(REQUEST, body, flags=flags, detail=kind, id=id)
        return call

    async def feed(self, call, values):
        for value in values:
            await call.item(value)
        if not call.over:
            self.send(END, id=call.id)

    def end(self, call, error=None):
        self.mine.pop(call.id, None)
        call.finish(error)
        self.close_when_done()

    async def ping(self, token):
        self.pongs[token] = self.loop.create_future()
        self.send(PING, id=token)
        await self.pongs[token]

    def leave(self):
        self.leaving = True
        self.send(GOAWAY, detail=R_CLOSED, id=self.last_id)
        self.close_when_done()

    def close_when_done(self):
        if self.leaving and not self.mine and not self.theirs:
            self.writer.close()


# ---- the methods of the conversations -------------------------------------------------------------------------


async def echo(arguments):
    return arguments[0]


async def void(_):
    return None


async def fail(_):
    raise CallError(NOT_FOUND, "no such user", executed=YES, details={"user": 7})


async def count(arguments):
    for number in range(1, arguments[0] + 1):
        yield number


async def total(items):
    return sum([item async for item in items])


async def double(items):
    async for item in items:
        yield 2 * item


async def sleep(_):
    await asyncio.Event().wait()


METHODS = {
    "/echo": echo,
    "/void": void,
    "/fail": fail,
    "/count": count,
    "/sum": total,
    "/double": double,
    "/sleep": sleep,
    "/log": void,
}

# ---- the three commands ---------------------------------------------------------------------------------------


def check_vectors(path):
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)
    assert bytes.fromhex(vectors["preface"]) == PREFACE
    checked = 0
    for vector in vectors["frames"]:
        assert decode(bytes.fromhex(vector["hex"])) == vector["frame"], vector["name"]
        assert encode(vector["frame"]).hex() == vector["hex"], vector["name"]
        checked += 1
    for conversation in vectors["conversations"]:
        greeted = set()
        for step in conversation["steps"]:
            data = bytes.fromhex(step["hex"])
            if step["from"] not in greeted:
                greeted.add(step["from"])
                assert data[:8] == PREFACE
                data = data[8:]
            for frame in step["frames"]:
                size = 4 + int.from_bytes(data[:4], "big")
                assert decode(data[:size]) == frame, conversation["name"]
                data = data[size:]
                checked += 1
            assert not data
    print(f"vectors {checked}", flush=True)


async def expect_error(call, code, reason, executed):
    try:
        await call.answer
    except CallError as error:
        found = (error.code, error.reason, error.executed)
        assert found == (code, reason, executed), f"{found} for {(code, reason, executed)}"
        return error
    raise AssertionError("no error came")


async def client(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    connection = Connection(reader, writer, "opener", METHODS)
    running = asyncio.create_task(connection.run())
    done = lambda what: print("ok " + what, flush=True)

    early = connection.call("/echo", ["early"])
    assert (await early.answer)[0] == "early"
    done("early call")
    await connection.greeted.wait()
    for value in ["hi", "grüße", [1, {"a": None}]]:
        assert (await connection.call("/echo", [value], timeout=5000).answer)[0] == value
    assert (await connection.call("/echo", [1], headers=[("trace-id", "a1")]).answer)[0] == 1
    assert (await connection.call("/void", []).answer)[0] is None
    assert (await connection.call("/log", ["line"], kind=ONEWAY).answer)[0] is None
    assert (await connection.call("/echo", probe=True).answer)[0] is None
    done("unary")

    error = await expect_error(connection.call("/fail", []), NOT_FOUND, 0, YES)
    assert (error.message, error.details) == ("no such user", {"user": 7})
    await expect_error(connection.call("/nothing", []), UNIMPLEMENTED, R_NO_METHOD, NO)
    done("error")

    # 5,000 items cost far more than the first credit, so the rest has to be granted.
    stream, _ = await connection.call("/count", [5000], kind=SERVER_STREAM).answer
    assert [item async for item in stream] == list(range(1, 5001))
    done("server stream")

    call = connection.call("/sum", kind=CLIENT_STREAM)
    feeding = asyncio.create_task(connection.feed(call, range(5000)))
    assert (await call.answer)[0] == sum(range(5000))
    await feeding
    done("client stream")

    call = connection.call("/double", kind=DUPLEX)
    feeding = asyncio.create_task(connection.feed(call, range(5000)))
    stream, _ = await call.answer
    assert [item async for item in stream] == [2 * number for number in range(5000)]
    await feeding
    done("duplex")

    call = connection.call("/sleep", [])
    await asyncio.sleep(0.05)
    connection.send(CANCEL, detail=CANCELLED, id=call.id)
    await expect_error(call, CANCELLED, R_CANCELLED, MAYBE)
    done("cancel")
    await expect_error(connection.call("/sleep", [], timeout=50), DEADLINE_EXCEEDED, R_DEADLINE, MAYBE)
    done("deadline")

    await asyncio.wait_for(connection.ping(4294967295), 5)
    connection.send(13, b"an unknown kind that may be skipped")
    done("ping")

    # A method that the other side has only for this: it calls back, and notifies.
    assert (await connection.call("/callback", ["there"]).answer)[0] == "there and back"
    assert connection.notified == [("told", 1)]
    done("symmetric")

    pending = connection.call("/sleep", [], timeout=100)
    connection.leave()
    await expect_error(pending, DEADLINE_EXCEEDED, R_DEADLINE, MAYBE)
    await asyncio.wait_for(running, 5)
    done("goaway")


async def server():
    connections = set()

    async def accept(reader, writer):
        connection = Connection(reader, writer, "acceptor", METHODS | {"/leave": leave})
        connections.add(connection)
        await connection.run()
        connections.discard(connection)

    async def leave(_):
        for connection in connections:
            asyncio.get_running_loop().call_later(0.02, connection.leave)
        return "leaving"

    listening = await asyncio.start_server(accept, "127.0.0.1", 0)
    print(f"port {listening.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    listening.close()


if __name__ == "__main__":
    if sys.argv[1] == "vectors":
        check_vectors(sys.argv[2])
    elif sys.argv[1] == "client":
        asyncio.run(client(int(sys.argv[2])))
    else:
        asyncio.run(server())
