"""When Python looks for objects that only hold each other."""

import gc


def seldom() -> None:
    """To be called once a process is set up: what there is by then stays and is not looked through again, and the rest
    a thirtieth as often. What a request makes forms next to no cycles; looking for some took receivers a tenth of their
    time, and held up answers of the API by 100 ms now and then. Not off: grpcio leaves a cycle for each call."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
