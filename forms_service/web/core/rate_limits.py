"""How often a network may do something; a classroom behind one must get through."""

from datetime import timedelta
from ipaddress import ip_address, ip_network

from flask import request
from limits import RateLimitItem, RateLimitItemPerMinute

from .access import client_address
from .context import WebContext

# Mails that anybody can cause, and codes that anybody can try.
MAILING = RateLimitItemPerMinute(20, 10, "mail")
TRYING = RateLimitItemPerMinute(40, 10, "code")


class TooOften(Exception):
    """This network has done it too often; `wait` says for how long."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait


def hit(web: WebContext, limit: RateLimitItem) -> None:
    """Count what the network that asks does now; raise `TooOften`."""
    network = asking_network(web)
    if not web.limiter.hit(limit, network):
        free_at = web.limiter.get_window_stats(limit, network).reset_time
        raise TooOften(timedelta(seconds=free_at - web.context.clock().timestamp()))


def asking_network(web: WebContext) -> str:
    """Return the network of whoever asks."""
    return network_of(client_address(request, web.config.trusted_proxies))


def network_of(client_ip: str) -> str:
    """Return the network that shares a limit: /24 of IPv4, /64 of IPv6."""
    try:
        known = ip_address(client_ip)
    except ValueError:
        return client_ip
    return str(ip_network(f"{known}/{24 if known.version == 4 else 64}", strict=False))
