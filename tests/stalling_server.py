"""A server that takes connections and requests, and never answers: a service of AWS that stalls."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def start_stalling_server() -> Iterator[str]:
    """Start the server on loopback, and yield its URL."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:

        def accept() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:  # closed
                    return

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for connection in taken:
                connection.close()
