#!/usr/bin/env python3
"""A line with round trips above a second joins, looks up and announces; at 10 % loss too.

Usage, on Linux:  tests/proofs/delays.py [--dht PATH] [--loss PERCENT] [DELAY ...]

Forty nodes on 127.3.0.0/16 answer everything, each answer so many seconds late. The default delays are 0.05, 0.9, 1.05,
1.2, 2.0 and 2.8 s; a query of ours stays open for 3 s. With --loss each answer is lost with that probability.
"""
import argparse
import asyncio
import hashlib
import json
import pathlib
import random
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
COUNT = 40
INFO_HASH = "6d6e6f707172737475767778797a313233343536"


def decode(data, at=0):
    head = data[at:at + 1]
    if head == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1:end]), end + 1
    if head in (b"l", b"d"):
        items, at = [], at + 1
        while data[at:at + 1] != b"e":
            item, at = decode(data, at)
            items.append(item)
        return (items if head == b"l" else dict(zip(items[::2], items[1::2]))), at + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    return data[colon + 1:end], end


def text(value):
    return b"%d:%s" % (len(value), value)


class Node(asyncio.DatagramProtocol):
    def __init__(self, net, number):
        self.net, self.id, self.stored = net, hashlib.sha1(b"%d" % number).digest(), set()
        self.address = f"127.3.0.{number + 1}"

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, source):
        query, _ = decode(data)
        if query.get(b"y") != b"q" or random.random() < self.net.loss:
            return
        answer, arguments = b"2:id" + text(self.id), query[b"a"]
        if query[b"q"] in (b"find_node", b"get_peers"):
            answer += b"5:nodes" + text(self.net.closest(arguments.get(b"target") or arguments[b"info_hash"]))
        if query[b"q"] == b"get_peers":
            answer += b"5:token2:tk"
        if query[b"q"] == b"announce_peer":
            self.stored.add((arguments[b"info_hash"], source))
        reply = b"d1:rd" + answer + b"e1:t" + text(query[b"t"]) + b"1:y1:re"
        asyncio.get_running_loop().call_later(self.net.delay, self.transport.sendto, reply, source)


class Net:
    def __init__(self, delay, loss, port):
        self.delay, self.loss, self.port = delay, loss, port
        self.nodes = [Node(self, i) for i in range(COUNT)]

    async def open(self):
        loop = asyncio.get_running_loop()
        for node in self.nodes:
            await loop.create_datagram_endpoint(lambda node=node: node, local_addr=(node.address, self.port))

    def close(self):
        for node in self.nodes:
            node.transport.close()

    def closest(self, target):
        nearest = sorted(self.nodes, key=lambda node: bytes(a ^ b for a, b in zip(node.id, target)))[:8]
        return b"".join(
            node.id + socket.inet_aton(node.address) + self.port.to_bytes(2, "big") for node in nearest)


async def run(dht, net, *arguments):
    command = [dht, *arguments, "--bootstrap", f"{net.nodes[0].address}:{net.port}", "--allow-loopback", "--json"]
    at = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    output, errors = await process.communicate()
    result = json.loads(output) if output.strip() else {}
    return process.returncode, result, time.monotonic() - at, errors.decode().strip().split("\n")[-1]


async def measure(dht, delay, loss):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.3.0.1", 0))
        port = probe.getsockname()[1]
    net = Net(delay, loss, port)
    await net.open()
    found = await run(dht, net, "find-node", INFO_HASH)
    peers = await run(dht, net, "get-peers", INFO_HASH)
    announced = await run(dht, net, "announce", INFO_HASH, "--port", "4242")
    stored = sum(1 for node in net.nodes if node.stored)
    node = await run(dht, net, "node", "--bind", "0.0.0.0:0", "--duration", "30")
    net.close()
    closest, contacts = len(found[1].get("closest", [])), node[1].get("contacts", 0)
    good = found[0] == peers[0] == announced[0] == 0 and closest == 8 and stored > 0 and contacts >= 20
    print(
        f"{delay:5.2f} s, {loss:4.0%} lost: find-node {found[0]} ({closest}, {found[2]:.1f} s), "
        f"get-peers {peers[0]} ({peers[2]:.1f} s), announce {announced[0]} ({stored} nodes, {announced[2]:.1f} s), "
        f"node {contacts} contacts after 30 s: {'ok' if good else 'NOT OK'}", flush=True)
    for result in (found, peers, announced):
        if result[0] != 0:
            print("   ", result[3])
    return good


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dht", default=str(ROOT / "src/Dht.Cli/bin/Release/net10.0/dht"))
    parser.add_argument("--loss", type=float, default=0)
    parser.add_argument("delays", type=float, nargs="*", default=[0.05, 0.9, 1.05, 1.2, 2.0, 2.8])
    arguments = parser.parse_args()
    good = [await measure(arguments.dht, delay, arguments.loss / 100) for delay in arguments.delays]
    return 0 if all(good) else 1


sys.exit(asyncio.run(main()))
