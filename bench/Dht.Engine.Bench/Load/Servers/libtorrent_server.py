"""A libtorrent session on loopback, a member of the swarm: libtorrent_server.py IPv4|IPv6 SWARM_HOST:PORT

Prints "ready PORT" once its routing table has stopped growing, and ends when standard input closes.
"""
import signal
import sys
import time

import libtorrent as lt
import libtorrent_loopback

FILL_SECONDS = 20
SETTLED_LOOKS = 10
LOOK_INTERVAL = 0.2
NEIGHBOURS = 2000
ALERTS = lt.alert.category_t.status_notification | lt.alert.category_t.stats_notification


def look(session, ports):
    """The contacts in the table, and the ports as they become known."""
    contacts = None
    session.post_dht_stats()
    time.sleep(LOOK_INTERVAL)
    for alert in session.pop_alerts():
        if isinstance(alert, lt.listen_succeeded_alert) and "udp" in str(alert.socket_type):
            ports["IPv6" if ":" in alert.address else "IPv4"] = alert.port
        elif isinstance(alert, lt.dht_stats_alert):
            contacts = max(contacts or 0, sum(bucket["num_nodes"] for bucket in alert.routing_table))
    return contacts


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    family, swarm = sys.argv[1:3]
    host, port = swarm.rsplit(":", 1)
    # Over IPv6 it is asked; the swarm is reached over IPv4, so both listen.
    places = "127.0.0.1:0" + (",[::1]:0" if family == "IPv6" else "")
    session = lt.session(libtorrent_loopback.settings(places, swarm, ALERTS))
    first = host.split(".")
    for i in range(NEIGHBOURS):
        session.add_dht_node((f"{first[0]}.{first[1]}.{i // 256}.{i % 256}", int(port)))
    ports, most, settled = {}, 0, 0
    deadline = time.monotonic() + FILL_SECONDS
    while time.monotonic() < deadline and settled < SETTLED_LOOKS:
        contacts = look(session, ports)
        if contacts is not None:
            settled = settled + 1 if 0 < contacts <= most else 0
            most = max(most, contacts)
    if family not in ports or most == 0:
        print(f"failed: port {ports.get(family)}, {most} contacts", flush=True)
        return
    print(f"ready {ports[family]}", flush=True)
    print(f"libtorrent {lt.__version__}: {most} contacts", file=sys.stderr, flush=True)
    sys.stdin.read()


main()
