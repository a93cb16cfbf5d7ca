"""How the two processes talk: frames of bytes over a pipe, each after its length in eight bytes.

Messages are JSON and never pickle: a parser that a hostile file has taken over must not run code in the app.
"""

import json
from typing import Any, BinaryIO


def send(stream: BinaryIO, frame: bytes) -> None:
    """Write one frame and flush. Raises OSError where the other end is gone."""
    stream.write(len(frame).to_bytes(8, "big"))
    stream.write(frame)
    stream.flush()


def receive(stream: BinaryIO) -> bytes | None:
    """The next frame; None where the other end has closed or died, also in the middle of a frame."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    length = int.from_bytes(head, "big")
    frame = stream.read(length)
    return frame if len(frame) == length else None


def send_message(stream: BinaryIO, message: dict[str, Any]) -> None:
    """Write a JSON message as one frame."""
    send(stream, json.dumps(message).encode("ascii"))


def receive_message(stream: BinaryIO) -> dict[str, Any] | None:
    """The next frame as a JSON message; None as for `receive`."""
    frame = receive(stream)
    return None if frame is None else json.loads(frame)
