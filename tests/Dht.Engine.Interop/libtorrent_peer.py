"""A libtorrent session on loopback, driven line by line from standard input.

Prints one JSON object a line: {"event": ...}. Commands, one a line:
  join HOST PORT           make the node at this place known; it is asked, and enters the table when it answers
  announce INFOHASH        announce a torrent (20 bytes in hex) at the session's listening port
  get-peers INFOHASH       look its peers up
  contacts                 the contacts of its routing table
  sample HOST PORT TARGET  sample_infohashes of one node
  quit
"""
import json
import sys
import tempfile
import threading

import libtorrent as lt
import libtorrent_loopback

ALERTS = (
    lt.alert.category_t.dht_notification
    | lt.alert.category_t.dht_operation_notification
    | lt.alert.category_t.error_notification
    | lt.alert.category_t.status_notification
)


def say(event, **fields):
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


def report(alert):
    if isinstance(alert, lt.dht_get_peers_reply_alert):
        peers = [f"{ip}:{port}" for ip, port in alert.peers()]
        say("peers", infoHash=str(alert.info_hash), peers=peers)
    elif isinstance(alert, lt.dht_live_nodes_alert):
        nodes = [{"id": str(n["nid"]), "endpoint": "%s:%d" % n["endpoint"]} for n in alert.nodes]
        say("contacts", contacts=nodes)
    elif isinstance(alert, lt.dht_bootstrap_alert):
        say("bootstrapped")
    elif isinstance(alert, lt.dht_sample_infohashes_alert):
        say("samples", num=alert.num_infohashes, samples=[str(s) for s in alert.samples])
    elif isinstance(alert, lt.listen_succeeded_alert):
        say("listening", port=alert.port, kind=str(alert.socket_type))
    elif isinstance(alert, lt.dht_announce_alert):
        say("announced-to-us", infoHash=str(alert.info_hash), peer=f"{alert.ip}:{alert.port}")


def pump(session, stop):
    while not stop.is_set():
        session.wait_for_alert(100)
        for alert in session.pop_alerts():
            report(alert)


def node_ids(session):
    state = session.save_state(lt.save_state_flags_t.save_dht_state)[b"dht state"]
    return [entry[:20] for entry in state.get(b"node-id", [])]


def announce(session, info_hash):
    """The bare dht_announce of the session cannot be called from Python; a torrent announces by itself."""
    params = lt.add_torrent_params()
    params.info_hash = lt.sha1_hash(bytes.fromhex(info_hash))
    params.save_path = tempfile.gettempdir()
    params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    session.add_torrent(params).force_dht_announce()


def main():
    session = lt.session(libtorrent_loopback.settings("127.0.0.1:0", "", ALERTS))
    stop = threading.Event()
    thread = threading.Thread(target=pump, args=(session, stop), daemon=True)
    thread.start()
    say("ready", version=lt.version)
    for line in sys.stdin:
        words = line.split()
        if not words or words[0] == "quit":
            break
        if words[0] == "join":
            session.add_dht_node((words[1], int(words[2])))
        elif words[0] == "announce":
            announce(session, words[1])
        elif words[0] == "get-peers":
            session.dht_get_peers(lt.sha1_hash(bytes.fromhex(words[1])))
        elif words[0] == "contacts":
            for own in node_ids(session):
                session.dht_live_nodes(lt.sha1_hash(own))
        elif words[0] == "sample":
            session.dht_sample_infohashes((words[1], int(words[2])), lt.sha1_hash(bytes.fromhex(words[3])))
    stop.set()
    thread.join(5)


main()
