"""Ten pings over one connection, with nothing but what Python brings along.

    python3 client.py [port] [seconds between pings]
"""

import json
import socket
import struct
import sys
import time

# An unsigned int of four bytes, as this machine has it: little endian almost everywhere.
LENGTH = struct.Struct("I")


def read(connection, count):
    """Exactly so many bytes: one recv may well return fewer."""
    parts = b""
    while len(parts) < count:
        part = connection.recv(count - len(parts))
        if not part:
            raise ConnectionError("the server has hung up")
        parts += part
    return parts


def call(connection, name, params):
    body = json.dumps({"in": name, "params": params}).encode()
    connection.sendall(LENGTH.pack(len(body)))
    connection.sendall(body)
    (length,) = LENGTH.unpack(read(connection, LENGTH.size))
    answer = json.loads(read(connection, length))
    return answer["out"], answer["result"]


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
    pause = float(sys.argv[2]) if len(sys.argv) > 2 else 1
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for number in range(10):
            out, result = call(connection, "ping", f"ireader {number}")
            print(out, result, flush=True)
            time.sleep(pause)
