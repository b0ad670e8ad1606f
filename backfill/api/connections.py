"""The connections to the API: none carries a request whose permit is over, and none hides an answer's head."""

import asyncio
import functools
import socket
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from backfill.api.pace.permit import Permit

_UNHEARD = 10_000  # ms
_END = b"\r\n\r\n"  # of a head


class PermitOver(aiohttp.ClientError):
    """The time in which requests may begin was over before this one did: nothing was sent."""


class _HeadFirst(ResponseHandler):
    """Takes an answer's head apart from its body: where one piece has both, a fault of the body would hide it."""

    def data_received(self, data: bytes) -> None:
        head, end, body = data.partition(_END)
        super().data_received(head + end)
        if body and self.exception() is None:
            super().data_received(body)
        if self.exception() is not None and self._payload is not None and not self._payload.is_eof():
            self._payload.set_exception(aiohttp.ClientPayloadError())  # whoever reads it would wait for more


class Connections(aiohttp.TCPConnector):
    """So many connections at most; with a permit, it is looked at after any wait for one."""

    def __init__(self, limit: int, permit: Permit | None):
        super().__init__(limit=limit, socket_factory=None if permit is None else _mortal)
        made: type[ResponseHandler] = _HeadFirst
        self._factory = functools.partial(made, loop=asyncio.get_running_loop())
        self._permit = permit

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Any],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 (as it is called)
    ) -> aiohttp.connector.Connection:
        connection = await super().connect(req, traces, timeout)
        if self._permit is not None and not self._permit.good:
            connection.close()
            raise PermitOver
        return connection


def _mortal(address: tuple[Any, ...]) -> socket.socket:
    """A socket that gives up what the other side takes no notice of: nothing is to arrive minutes later."""
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNHEARD)
    return made
