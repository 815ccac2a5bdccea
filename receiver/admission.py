"""How many bytes of requests a process holds, and for whom."""

from receiver.refusals import Unavailable


class Admission:
    """Bounds the bytes of all requests that are not answered yet, fairly: a sender may hold as many bytes as are
    still free once it has them.

    So a sender alone gets half of all, a second one half of the rest, and there is always something left for one more.
    A sender that holds nothing gets whatever is free, and one request alone is taken whatever its size.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._of: dict[str, int] = {}
        self.held_bytes = 0

    def take(self, sender: str, size: int) -> None:
        """Raises Unavailable where the sender holds too much. MUST be followed by give()."""
        held = self._of.get(sender, 0)
        free = self._max_bytes - self.held_bytes - size
        if self.held_bytes and (free < 0 or (held and held + size > free)):
            raise Unavailable("too much is waiting for the database")
        self._of[sender] = held + size
        self.held_bytes += size

    def give(self, sender: str, size: int) -> None:
        """What was taken, at once or in parts. Nothing is given back for nothing."""
        self.held_bytes -= size
        left = self._of.pop(sender, 0) - size
        if left:
            self._of[sender] = left
