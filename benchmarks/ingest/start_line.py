"""A sender's side of a run: everything is prepared before `ready`, and nothing ends before it was measured."""

import gc
import sys


def ready() -> None:
    """Tell the benchmark that all is prepared, and return when it says go."""
    gc.collect()
    gc.freeze()
    print("ready", flush=True)
    sys.stdin.readline()


def done(items: int) -> None:
    """Tell how many items were acknowledged, and return when this process may end."""
    print(f"done {items}", flush=True)
    sys.stdin.readline()
