#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole agent: client.py HOST PORT CERT NAME PASSWORD. Takes what comes."""
import itertools, json, socket, ssl, sys, time
host, port, cert, name, password = sys.argv[1:6]
wire = ssl.create_default_context(cafile=cert).wrap_socket(
    socket.create_connection((host, int(port))), server_hostname=host)
wire.settimeout(20)
ids, rest, data, pinged = itertools.count(1), b"", b"\n", time.monotonic()
def say(cmd, **fields):
    message = {"id": str(next(ids)), "cmd": cmd, **fields}
    wire.sendall(json.dumps(message).encode() + b"\n")
say("login", name=name, password=password)
while data:
    try:
        data = wire.recv(65536)
        *lines, rest = (rest + data).split(b"\n")
    except TimeoutError:
        lines = []
    if time.monotonic() - pinged > 15:
        pinged = time.monotonic()
        say("ping")
    for m in map(json.loads, lines):
        print(m["type"], m.get("contact") or m.get("text") or "", flush=True)
        if m["type"] == "snapshot":
            say("state", state="ready")
        elif m["type"] == "offer" and m["channel"] != "phone":
            say("accept", offer=m["offer"])
        elif m["type"] == "contact" and m["state"] == "active":
            say("send", contact=m["contact"], text=f"Hello, I am {name}.")
            say("end", contact=m["contact"])
