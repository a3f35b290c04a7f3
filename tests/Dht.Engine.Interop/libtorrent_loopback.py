"""The settings with which a libtorrent session talks to 127.0.0.0/8 at speed; the load test takes them from here too."""


def settings(places, swarm, alerts):
    return {
        "listen_interfaces": places,
        "dht_bootstrap_nodes": swarm,
        "enable_dht": True,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "dht_restrict_routing_ips": False,
        "dht_restrict_search_ips": False,
        "dht_ignore_dark_internet": False,
        "dht_prefer_verified_node_ids": False,
        "dht_enforce_node_id": False,
        "dht_block_ratelimit": 1000000000,
        "dht_upload_rate_limit": 2000000000,
        "alert_mask": alerts,
    }
