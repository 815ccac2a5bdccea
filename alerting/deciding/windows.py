"""N of M windows: how many of the last evaluations have to meet the condition."""

from alerting.rules import Rule

MOST_WINDOWS = 100


def windows_seen(rule: Rule) -> int:
    return min(max(rule.windows_seen, 1), MOST_WINDOWS)


def with_window(windows: str, met: bool, rule: Rule) -> str:
    """The last evaluations that count, this one included."""
    return (windows + "01"[met])[-windows_seen(rule) :]


def holds(windows: str, rule: Rule, held: bool) -> bool:
    """Whether enough of the windows met the condition; those not seen yet speak for what `held` was before."""
    seen = windows_seen(rule)
    needed = min(max(rule.windows_needed, 1), seen)
    unseen = seen - len(windows)
    return windows.count("1") + (unseen if held else 0) >= needed
