"""Read objects ahead: several requests to S3 are in flight while the caller works on an earlier object."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

_MAX_AHEAD = 8  # objects of up to some megabytes each


def read_ahead[K, T](read: Callable[[K], T], keys: Iterable[K], *, max_ahead: int = _MAX_AHEAD) -> Iterator[T]:
    """Yield `read(key)` for each key, in order. At most `max_ahead` results beyond the current one are in memory.

    An exception of `read` is raised at the turn of its key.
    """
    with ThreadPoolExecutor(max_ahead) as pool:
        waiting: deque[Future[T]] = deque()
        for key in keys:
            waiting.append(pool.submit(read, key))
            if len(waiting) > max_ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
