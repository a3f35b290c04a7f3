"""What the capture says, gathered while it grows."""
import collections
import socket

import bencode
from asker import contacts_of


class Record:
    def __init__(self, network, kinds, attempts):
        self._network = network
        self._kind_of = {host.number: kind.name for kind in kinds for host in kind.hosts}
        # Whom each node tried to connect to: {number: {(address, port)}}.
        self._attempts = attempts
        # When a node announced last: {(number, family, infohash): time}.
        self.announced = {}
        self.datagrams = collections.Counter()
        self.queries = collections.Counter()
        self.not_canonical = []
        self.largest = 0
        self.commands_last = {}
        self.commands_ids = set()
        self.commands_queries = 0
        self.commands_without_ro = 0
        self._handed = collections.Counter()
        self._handed_commands = []
        # The kind that first named a command to a node, or "announcing": {(number, contact): kind}.
        self._named_by = {}
        self._asked_commands = []

    def take(self, packets):
        for packet in packets:
            number = self._network.number_of(packet.source[0])
            if packet.is_syn:
                address, port = packet.destination
                family = socket.AF_INET if len(address) == 4 else socket.AF_INET6
                self._attempts[number].add((socket.inet_ntop(family, address), port))
            elif self._network.is_command(packet.source[0]):
                self._take_command(packet)
            elif number in self._kind_of:
                self._take_node(packet, number, self._kind_of[number])

    def _take_command(self, packet):
        self.datagrams["commands of ours"] += 1
        self.commands_last[packet.source] = packet.time
        message = self._take_ours(packet)
        if message and message.get(b"y") == b"q":
            self.commands_ids.add(message[b"a"][b"id"])
            self.commands_queries += 1
            self.commands_without_ro += message.get(b"ro") != 1
            if message.get(b"q") == b"announce_peer":
                asked = self._network.number_of(packet.destination[0])
                self._named_by.setdefault((asked, packet.source), "announcing")

    def _take_node(self, packet, number, kind):
        self.datagrams[kind] += 1
        if kind == "ours":
            message = self._take_ours(packet)
        else:
            try:
                message = bencode.generous(packet.data)
            except bencode.Broken:
                return
        if not isinstance(message, dict):
            return
        if message.get(b"y") == b"q":
            self._take_query(packet, number, kind, message)
        for contact in contacts_of(message):
            self._handed[kind] += 1
            if self._network.is_command(contact[0]):
                self._handed_commands.append((packet.time, kind, number, contact))
                self._named_by.setdefault((self._network.number_of(packet.destination[0]), contact), kind)

    def _take_query(self, packet, number, kind, message):
        self.queries[kind] += 1
        arguments = message.get(b"a")
        if self._network.is_command(packet.destination[0]):
            self._asked_commands.append((packet.time, kind, packet.destination))
        if message.get(b"q") == b"announce_peer" and isinstance(arguments, dict):
            info_hash = arguments.get(b"info_hash", b"").hex()
            self.announced[number, 4 if len(packet.source[0]) == 4 else 6, info_hash] = packet.time

    def _take_ours(self, packet):
        self.largest = max(self.largest, len(packet.data))
        try:
            message = bencode.canonical(packet.data)
            if not isinstance(message, dict):
                raise bencode.Broken("no dictionary")
            return message
        except bencode.Broken as wrong:
            self.not_canonical.append(f"{wrong}: {packet.data!r}")
            return None

    def is_ended(self, contact, moment):
        """Whether a command that was here had sent its last datagram by then."""
        return contact in self.commands_last and moment > self.commands_last[contact]

    def contacts(self, kind):
        """How many contacts a kind handed out, how many were commands that had ended, and how long after the last."""
        ended = [moment - self.commands_last[contact] for moment, name, _, contact in self._handed_commands
                 if name == kind and self.is_ended(contact, moment)]
        return self._handed[kind], len(ended), max(ended, default=0)

    def sources(self, kind):
        """Whom the ended commands that a kind hands out were named by; "asking" where it took one that only asked."""
        return collections.Counter(
            self._named_by.get((number, contact), "asking") for moment, name, number, contact in self._handed_commands
            if name == kind and self.is_ended(contact, moment))

    def queries_to_ended(self, kind):
        return sum(name == kind and self.is_ended(place, moment) for moment, name, place in self._asked_commands)
