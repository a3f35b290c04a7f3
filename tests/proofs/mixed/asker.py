"""Asks nodes for contacts, as one who only asks (`ro`), from the hub."""
import os
import select
import socket
import time

import bencode


class Asker:
    def __init__(self, host):
        self._wires = {}
        for family, kind, address in ((4, socket.AF_INET, host.ipv4), (6, socket.AF_INET6, host.ipv6)):
            wire = socket.socket(kind, socket.SOCK_DGRAM)
            wire.bind((address, 0))
            wire.setblocking(False)
            self._wires[family] = wire
        self._id = os.urandom(20)
        self._open = {}
        self._serial = 0

    def ask(self, places, wait):
        """find_node at each of (key, family, address, port, target). Contacts by key, of those that answer in time."""
        self._open.clear()
        answers = {}
        for key, family, address, port, target in places:
            self._serial += 1
            serial = self._serial.to_bytes(4, "big")
            self._open[serial] = key
            self._wires[family].sendto(bencode.write({
                b"a": {b"id": self._id, b"target": target, b"want": [b"n4", b"n6"]}, b"q": b"find_node", b"ro": 1,
                b"t": serial, b"y": b"q"}), (address, port))
        until = time.monotonic() + wait
        while self._open and (left := until - time.monotonic()) > 0:
            for wire in select.select(list(self._wires.values()), [], [], left)[0]:
                self._take(wire, answers)
        return answers

    def _take(self, wire, answers):
        try:
            message = bencode.generous(wire.recv(65536))
            key = self._open.pop(message[b"t"])
            answers[key] = contacts_of(message)
        except (bencode.Broken, KeyError, TypeError, OSError):
            # A query to us, a late answer, an error.
            return


def contacts_of(message):
    """(address, port) of each contact that an answer hands out."""
    body = message.get(b"r") if isinstance(message, dict) else None
    contacts = []
    if isinstance(body, dict):
        for name, size in ((b"nodes", 26), (b"nodes6", 38)):
            data = body.get(name)
            if isinstance(data, bytes):
                contacts += [(data[at + 20:at + size - 2], int.from_bytes(data[at + size - 2:at + size], "big"))
                             for at in range(0, len(data) - size + 1, size)]
    return contacts
