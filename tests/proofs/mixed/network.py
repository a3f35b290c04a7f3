"""Network namespaces around a hub: a node each, in a /16 (IPv6: /32) of its own, and no way out.

Networks of their own, because nodes limit how many contacts of one network they take, and count votes about their
address by network. The hub routes, so that each node has one neighbour only; all that is sent comes by there once.
"""
import ctypes
import dataclasses
import os
import subprocess

CLONE_NEWNET = 0x40000000
# Longer than any answer: each datagram is one packet of the capture.
MTU = 9000
COMMANDS_FROM = 128


@dataclasses.dataclass(frozen=True)
class Host:
    number: int
    space: str

    @property
    def ipv4(self):
        return f"45.{self.number}.7.5"

    @property
    def ipv6(self):
        return f"2a05:{self.number:x}::5"

    def run(self, *words):
        """The words that run a program here."""
        return ["ip", "netns", "exec", self.space, *words]


def enter(space):
    """Moves the calling thread, and with it what it starts, into a namespace."""
    file = os.open(f"/run/netns/{space}", os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(file, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {space}")
    finally:
        os.close(file)


class Network:
    """The addresses from 45.128 and 2a05:80 on are those of commands, which share one namespace."""

    def __init__(self, tag, nodes, commands):
        self._tag = tag
        self.hub = f"{tag}-hub"
        self.nodes = [Host(number, f"{tag}-{number}") for number in range(1, nodes + 1)]
        self._commands = [Host(COMMANDS_FROM + k, f"{tag}-commands") for k in range(commands)]
        self._used = 0
        self.asker = Host(99, self.hub)

    def build(self):
        _ip(None, f"netns add {self.hub}", f"netns add {self._commands[0].space}",
            *(f"netns add {host.space}" for host in self.nodes))
        for setting in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
            subprocess.run(["ip", "netns", "exec", self.hub, "sysctl", "-qw", f"{setting}=1"], check=True)
        hub = ["link set lo up", f"addr add {self.asker.ipv4}/32 dev lo", f"addr add {self.asker.ipv6}/128 dev lo"]
        for host in self.nodes:
            self._connect(hub, host, 16, 32, [host])
        self._connect(hub, self._commands[0], 9, 25, self._commands)
        _ip(self.hub, *hub)

    def take(self):
        """An address that no command has had yet."""
        self._used += 1
        return self._commands[self._used - 1]

    @staticmethod
    def is_command(address):
        """Whether only commands are there; the address is as in a packet."""
        return address[1] >= COMMANDS_FROM if len(address) == 4 else address[2:4] >= bytes([0, COMMANDS_FROM])

    @staticmethod
    def number_of(address):
        return address[1] if len(address) == 4 else int.from_bytes(address[2:4], "big")

    def _connect(self, hub, first, bits4, bits6, hosts):
        port = f"v{first.number}"
        hub += [
            f"link add {port} mtu {MTU} type veth peer name eth0 mtu {MTU} netns {first.space}",
            f"addr add 10.255.0.1/32 dev {port}",
            f"addr add fe80::1/64 dev {port} nodad",
            f"link set {port} up",
            f"route add 45.{first.number}.0.0/{bits4} dev {port}",
            f"route add 2a05:{first.number:x}::/{bits6} via fe80::2 dev {port}",
        ]
        # Each node's line exists when the hub's has been made; so the hub comes first.
        _ip(self.hub, *hub)
        hub.clear()
        _ip(first.space, "link set lo up", "addr add fe80::2/64 dev eth0 nodad",
            *(f"addr add {host.ipv4}/{bits4} dev eth0" for host in hosts[:1]),
            *(f"addr add {host.ipv4}/32 dev eth0" for host in hosts[1:]),
            *(f"addr add {host.ipv6}/128 dev eth0 nodad" for host in hosts),
            "link set eth0 up", "route add default via 10.255.0.1 dev eth0 onlink",
            "route add default via fe80::1 dev eth0")


def _ip(space, *lines):
    if lines:
        subprocess.run(["ip", *(["-n", space] if space else []), "-batch", "-"], input="\n".join(lines), text=True,
                       check=True, stdout=subprocess.DEVNULL)
