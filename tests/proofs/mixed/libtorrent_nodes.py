"""Sessions of libtorrent, each in a namespace of its own, driven line by line from standard input.

Usage: libtorrent_nodes.py 'JSON'     [{"space", "ipv4", "ipv6", "bootstrap": [[address, port], ..]}, ..]

Orders and reports are JSON objects, one a line:
  {"node": 0, "do": "announce", "hash": HEX}   at the session's port, by a torrent, in both families
  {"node": 0, "do": "find", "hash": HEX}       -> {"node": 0, "hash": HEX, "peers": [[address, port], ..]}
"""
import faulthandler
import json
import os
import sys
import tempfile
import threading
import time

import libtorrent as lt
import network

PORT = 6881


def open_session(place):
    # The threads of a session live where the thread that opens it does.
    network.enter(place["space"])
    session = lt.session({
        "listen_interfaces": f"{place['ipv4']}:{PORT},[{place['ipv6']}]:{PORT}",
        "dht_bootstrap_nodes": "",
        "enable_dht": True,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_outgoing_utp": False,
        "alert_mask": lt.alert.category_t.dht_operation_notification | lt.alert.category_t.dht_notification,
    })
    for address, port in place["bootstrap"]:
        session.add_dht_node((address, port))
    return session


def report(sessions):
    """Not by wait_for_alert: what that hands to Python may move meanwhile, as the queue grows."""
    while True:
        time.sleep(0.2)
        for node, session in enumerate(sessions):
            for alert in session.pop_alerts():
                if isinstance(alert, lt.dht_get_peers_reply_alert):
                    peers = [list(peer) for peer in alert.peers()]
                    line = json.dumps({"node": node, "hash": str(alert.info_hash), "peers": peers})
                    os.write(1, line.encode() + b"\n")


def announce(session, info_hash):
    """The bare dht_announce of the session cannot be called from Python; a torrent announces by itself."""
    params = lt.add_torrent_params()
    params.info_hash = lt.sha1_hash(bytes.fromhex(info_hash))
    params.save_path = tempfile.gettempdir()
    params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    session.add_torrent(params).force_dht_announce()


def main():
    faulthandler.enable()
    sessions = [open_session(place) for place in json.loads(sys.argv[1])]
    threading.Thread(target=report, args=(sessions,), daemon=True).start()
    for line in sys.stdin:
        order = json.loads(line)
        session = sessions[order["node"]]
        if order["do"] == "announce":
            announce(session, order["hash"])
        else:
            session.dht_get_peers(lt.sha1_hash(bytes.fromhex(order["hash"])))
    # Not by the way out, which waits for trackers and routers.
    os._exit(0)


main()
