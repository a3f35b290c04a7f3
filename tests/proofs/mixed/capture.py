"""What tcpdump writes on the hub, read while it is being written."""
import dataclasses
import os
import signal
import struct
import subprocess
import time

# Each packet once, as it comes in from a node; of TCP the connection attempts only.
FILTER = "udp or (tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn) or (ip6 proto 6 and ip6[53] & 18 == 2)"
HEADERS = {113: (16, 14), 276: (20, 0)}  # LINUX_SLL, LINUX_SLL2: how long, and where the protocol is
IPV4, IPV6 = 0x0800, 0x86DD
TCP, UDP = 6, 17


@dataclasses.dataclass(slots=True, frozen=True)
class Packet:
    time: float
    is_syn: bool
    source: tuple  # address as in the packet, port
    destination: tuple
    data: bytes


class Capture:
    def __init__(self, network, path):
        self._path = path
        self._tcpdump = subprocess.Popen(
            ["ip", "netns", "exec", network.hub, "tcpdump", "-i", "any", "-Q", "in", "-n", "-U", "-s", "0", "-B",
             "32768", "-Z", "root", "-w", path, FILTER], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        self._file = None
        self._rest = b""
        self._link = None
        self.fragments = 0
        until = time.monotonic() + 20
        while not (os.path.exists(path) and os.path.getsize(path) >= 24):
            if self._tcpdump.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"tcpdump does not capture: {self._tcpdump.stderr.read()}")
            time.sleep(0.05)
        self._file = open(path, "rb")

    def end(self):
        """How many packets the kernel dropped before tcpdump could take them."""
        if self._tcpdump.poll() is None:
            self._tcpdump.send_signal(signal.SIGINT)
        words = self._tcpdump.communicate(timeout=30)[1]
        return sum(int(line.split()[0]) for line in words.splitlines() if "dropped by" in line)

    def kill(self):
        if self._tcpdump.poll() is None:
            self._tcpdump.kill()
            self._tcpdump.wait()

    def read(self):
        """The packets that have come since the last call."""
        data = self._rest + self._file.read()
        at = 0
        if self._link is None:
            magic, _, _, _, _, _, self._link = struct.unpack_from("<IHHiIII", data)
            assert magic == 0xA1B2C3D4 and self._link in HEADERS, f"capture of an unknown form: {magic:x} {self._link}"
            at = 24
        packets = []
        while at + 16 <= len(data):
            seconds, micros, length, _ = struct.unpack_from("<IIII", data, at)
            if at + 16 + length > len(data):
                break
            packet = self._packet(seconds + micros / 1e6, data[at + 16:at + 16 + length])
            if packet is not None:
                packets.append(packet)
            at += 16 + length
        self._rest = data[at:]
        return packets

    def _packet(self, moment, frame):
        length, place = HEADERS[self._link]
        protocol = struct.unpack_from("!H", frame, place)[0]
        packet = frame[length:]
        if protocol == IPV4:
            head, kind, ends = (packet[0] & 15) * 4, packet[9], (packet[12:16], packet[16:20])
            self.fragments += struct.unpack_from("!H", packet, 6)[0] & 0x3FFF != 0
        elif protocol == IPV6:
            head, kind, ends = 40, packet[6], (packet[8:24], packet[24:40])
            self.fragments += kind == 44
        else:
            return None
        if kind not in (TCP, UDP):
            return None
        source, destination, size = struct.unpack_from("!HHH", packet, head)
        # What follows the datagram in the frame (padding) is not of it.
        data = packet[head + 8:head + size] if kind == UDP else b""
        return Packet(moment, kind == TCP, (ends[0], source), (ends[1], destination), data)
