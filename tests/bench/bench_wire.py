#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the whole server does on the wire: one usherd, loopback, real clients.

    intake     acknowledged chat contacts a second (POST, answered after fsync,
               the record following), beside GET /healthz of the same server
    free       an agent ends a contact -> the next offer is on the wire
    memory     bytes per waiting contact, per idle connection, per session

Interleaved rounds, medians. Needs wrk. The build folder is $USHER_BUILD.
"""

import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "server"))

from conftest import (AgentClient, BUILD, CONFIG, Centre,  # noqa: E402
                      Chat, PASSWORDS, free_ports, make_certificate)

ROUNDS = 5
CONNECTIONS = 40  # under the limit of 50 an address
SECONDS = 3
POST = """
local n = 0
local tag = os.getenv("BENCH_TAG")
request = function()
    n = n + 1
    return wrk.format("POST", "/v1/main/chat/site",
        {["Content-Type"] = "application/json"},
        string.format('{"key":"%s-%d","text":"Good morning, I have a ' ..
            'question about my last order, can somebody help me?"}', tag, n))
end
"""


def wrk(centre, path, script=None, tag=""):
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency"]
    if script:
        command += ["-s", script]
    out = subprocess.run(
        command + [f"http://127.0.0.1:{centre.pages}{path}"],
        check=True, capture_output=True, text=True,
        env={**os.environ, "BENCH_TAG": tag}).stdout
    if "Non-2xx" in out:
        raise SystemExit("bench: requests were refused:\n" + out)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    p99 = re.search(r"99%\s+(\S+)", out).group(1)
    return rate, p99


def rss(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) * 1024


def intake(centre, folder):
    script = folder / "post.lua"
    script.write_text(POST)
    posts, gets, p99 = [], [], ""
    before, waiting = rss(centre.proc.pid), count_waiting(centre)
    for i in range(ROUNDS):
        rate, p99 = wrk(centre, "/v1/main/chat/site", str(script), str(i))
        posts.append(rate)
        gets.append(wrk(centre, "/healthz")[0])
    settle(centre)
    many = count_waiting(centre) - waiting
    post, get = statistics.median(posts), statistics.median(gets)
    print("| acknowledged contacts/s | p99 | GET /healthz of the same server/s"
          " | ratio |\n| ---: | ---: | ---: | ---: |")
    print(f"| {post:,.0f} | {p99} | {get:,.0f} | {post / get:.2f} |\n")
    return (rss(centre.proc.pid) - before) / max(many, 1), many


def count_waiting(centre):
    return centre.ctl("status")["status"]["contacts"]["waiting"]


def settle(centre):
    """Until the record has caught up."""
    while True:
        store = centre.ctl("status")["status"]["store"]
        if store["followed"] == store["appended"]:
            return
        time.sleep(0.1)


def free_to_offer(centre, times=250):
    maria = AgentClient(centre, "joe")
    maria.do("state", state="ready")
    spans = []
    for i in range(8):
        Chat(centre, "a question", f"free-{i}")
    offer = maria.expect("offer")
    for i in range(times):
        maria.do("accept", offer=offer["offer"])
        Chat(centre, "a question", f"more-{i}")
        # Only one chat at a time: the next offer must wait for the end.
        start = time.perf_counter()
        maria.start("end", contact=offer["contact"])
        offer = maria.expect("offer")
        spans.append(time.perf_counter() - start)
    maria.close()
    spans.sort()
    print("| agent free -> offer on the wire | p50 | p99 |\n| --- | ---: |"
          " ---: |")
    print(f"| {times} times, TLS lines, fsync between | "
          f"{spans[len(spans) // 2] * 1e3:.2f} ms | "
          f"{spans[int(len(spans) * 0.99)] * 1e3:.2f} ms |\n")


def idle_connections(many=2000):
    """Plain WebSockets that have echoed once, on the layer alone."""
    port, = free_ports(1)
    echo = subprocess.Popen([BUILD / "tests/server/ws-echo", str(port)],
                            stdout=subprocess.DEVNULL)
    socks = []
    try:
        for i in range(many + 50):  # the first ones fill shared buffers
            if i == 50:
                before = rss(echo.pid)
            s = connect(port)
            s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                      b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                      b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            s.recv(4096)
            s.sendall(b"\x81\x82\0\0\0\0hi")
            s.recv(4096)
            socks.append(s)
        return (rss(echo.pid) - before) / many
    finally:
        for s in socks:
            s.close()
        echo.terminate()
        echo.wait()


def connect(port):
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            time.sleep(0.01)


def sessions(centre, many):
    """One agent signed in many times over is one session: so many agents."""
    first = AgentClient(centre, "b000", login=False)
    before = rss(centre.proc.pid)
    open_ = []
    for i in range(many):
        c = AgentClient(centre, f"b{i:03}", login=False)
        c.do("login", name=f"b{i:03}", password="a long enough password")
        open_.append(c)
    each = (rss(centre.proc.pid) - before) / many
    for c in open_ + [first]:
        c.close()
    return each


def main():
    many = 40
    config = CONFIG.replace("takes phone 1, chat 3", "takes phone 1, chat 1")
    config = config.replace("log info;", "log warn;")
    config = config.replace("channel chat site", "".join(
        f'agent b{i:03} "B" {{ team day; skills support 10; }}\n'
        for i in range(many)) + "channel chat site")
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        folder = pathlib.Path(folder)
        centre = Centre(folder, config)
        make_certificate(folder)
        centre.start()
        try:
            centre.ctl("person-add", name="joe", role="agent",
                       password=PASSWORDS["joe"])
            for i in range(many):
                centre.ctl("person-add", name=f"b{i:03}", role="agent",
                           password="a long enough password")
            free_to_offer(centre)
            idle = idle_connections()
            session = sessions(centre, many)
            contact, waiting = intake(centre, folder)
            print("| memory | bytes |\n| --- | ---: |")
            print(f"| per waiting contact (of {waiting:,}) | {contact:,.0f} |")
            print(f"| per idle WebSocket, plain | {idle:,.0f} |")
            print(f"| per signed-in agent over TLS | {session:,.0f} |")
        finally:
            centre.stop()


main()
