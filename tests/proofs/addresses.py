#!/usr/bin/env python3
"""On a host with several addresses an answer leaves from the one that was asked; over a line that is far too slow the
node still ends at once.

Usage, as root on Linux:  tests/proofs/addresses.py [path of the dht command]

It takes a network namespace of its own, and removes it at the end.
"""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPACE = f"dhtaddr{os.getpid()}"
OUTER, INNER = f"da{os.getpid() % 100000}", f"db{os.getpid() % 100000}"
PING = b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"
FIND = b"d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q9:find_node1:t2:aa1:y1:qe"


def run(line):
    subprocess.run(line, shell=True, check=True, capture_output=True)


def start(dht, *arguments):
    node = subprocess.Popen(
        ["ip", "netns", "exec", SPACE, dht, "node", "--allow-loopback", "--bootstrap", "10.91.0.1:9", *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    line = node.stderr.readline()
    assert line.startswith("listening"), line
    return node


def stop(node):
    at = time.monotonic()
    node.send_signal(signal.SIGTERM)
    node.communicate(timeout=200)
    return time.monotonic() - at


def asked(address):
    """The address that the answer to a ping comes from."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as wire:
        wire.settimeout(3)
        wire.sendto(PING, (address, 6881))
        sources = set()
        try:
            while True:
                datagram, source = wire.recvfrom(2048)
                sources.add(source[0])
                if b"1:y1:r" in datagram:
                    # The verifying ping comes from there too.
                    wire.settimeout(0.5)
        except TimeoutError:
            return sources


def answers(dht):
    wrong = 0
    for transport in ("batch", "ring"):
        for bind in ("0.0.0.0:6881", "[::]:6881"):
            node = start(dht, "--bind", bind, "--transport", transport, "--quiet")
            addresses = ["10.91.0.2", "10.91.0.3"] + (["fd91::2", "fd91::3"] if bind[0] == "[" else [])
            run(f"ip -n {SPACE} addr add 10.91.0.4/24 dev {INNER}")
            time.sleep(1.5)
            for address in addresses + ["10.91.0.4"]:
                sources = asked(address)
                wrong += sources != {address}
                print(f"{transport:5} {bind:13} asked {address:10} answered from {', '.join(sources) or 'nowhere'}")
            run(f"ip -n {SPACE} addr del 10.91.0.4/24 dev {INNER}")
            stop(node)
    return wrong


def slow_line(dht):
    wrong = 0
    run(f"tc -n {SPACE} qdisc add dev {INNER} root tbf rate 64kbit burst 2kb limit 10mb")
    for transport in ("batch", "ring"):
        node = start(dht, "--bind", "10.91.0.2:6881", "--transport", transport, "--quiet", "--no-throttle")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            until = time.monotonic() + 8
            while time.monotonic() < until:
                wire.sendto(FIND, ("10.91.0.2", 6881))
                time.sleep(0.0002)
        seconds = stop(node)
        wrong += seconds > 5
        print(f"{transport:5} 64 kbit/s out, flooded for 8 s: ended {seconds:.1f} s after SIGTERM")
    return wrong


def main():
    dht = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "src/Dht.Cli/bin/Release/net10.0/dht")
    if os.geteuid() != 0 or not os.path.exists(dht):
        print(f"needs root, and {dht} (dotnet build -c Release)", file=sys.stderr)
        return 2
    run(f"ip netns add {SPACE}")
    try:
        run(f"ip -n {SPACE} link set lo up")
        run(f"ip link add {OUTER} type veth peer name {INNER} netns {SPACE}")
        run(f"ip addr add 10.91.0.1/24 dev {OUTER}; ip -6 addr add fd91::1/64 dev {OUTER} nodad")
        run(f"ip link set {OUTER} up; ip -n {SPACE} link set {INNER} up")
        for address in ("10.91.0.2/24", "10.91.0.3/24"):
            run(f"ip -n {SPACE} addr add {address} dev {INNER}")
        for address in ("fd91::2/64", "fd91::3/64"):
            run(f"ip -n {SPACE} -6 addr add {address} dev {INNER} nodad")
        time.sleep(1)
        wrong = answers(dht) + slow_line(dht)
    finally:
        subprocess.run(f"ip netns del {SPACE}; ip link del {OUTER}", shell=True, capture_output=True)
    print("all as it should be" if wrong == 0 else f"{wrong} wrong")
    return 0 if wrong == 0 else 1


sys.exit(main())
