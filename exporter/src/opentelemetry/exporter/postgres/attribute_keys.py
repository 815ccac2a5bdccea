"""Which rules are about which key."""

from fnmatch import fnmatchcase

from opentelemetry.exporter.postgres.redaction import Action, Rule, Rules, Treatment

MAX_KEYS = 10_000
MAX_PATH = 512
"""Characters of a longer path: what is kept must stay bounded in bytes too."""


class Key:
    """A key under which values stand, those around it included: `user.email` for `email` in a map `user`.

    rules: those of the service, about this key or not. treatment: None where none of them is about it. whole: one is
    about whole values. at_once: and it leaves nothing of them that would differ between the elements of a list.
    """

    def __init__(self, path: str, rules: tuple[Rule, ...], treatment: Treatment | None) -> None:
        self.path = path
        self.rules = rules
        self.treatment = treatment
        self.inner: dict[bytes, Key] = {}
        action = treatment.whole if treatment is not None else None
        self.whole = action is not None
        self.at_once = self.whole and action is not Action.HASH


class Keys:
    """Finds what is to be done to values by their keys. Keeps what it found, in bounded number."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._outermost: dict[tuple[Rule, ...], Key] = {}
        self._treatments: dict[tuple[Rule, ...], Treatment] = {}
        self._known = 0

    def outermost(self, service: str | None) -> Key | None:
        """What the keys of a service lie in, of any service for None. None where no rule is about it."""
        rules = self._rules.rules if service is None else _about(service.casefold(), self._rules.rules)
        if not rules:
            return None
        found = self._outermost.get(rules)
        if found is None:
            found = self._outermost[rules] = Key("", rules, None)
        return found

    def find(self, outer: Key, raw: bytes) -> Key:
        """The key `raw`, UTF-8, of what lies in `outer`."""
        found = outer.inner.get(raw)
        return self._make(outer, raw) if found is None else found

    def _make(self, outer: Key, raw: bytes) -> Key:
        """A rule that looks into a value is about all that lies in it too."""
        name = raw.decode(errors="replace")
        path = f"{outer.path}.{name}" if outer.path else name
        from_outer = outer.treatment.patterns if outer.treatment is not None else ()
        matching: list[Rule] = []
        for rule in outer.rules:
            if rule in from_outer or fnmatchcase(path.casefold(), rule.key.casefold()):
                matching.append(rule)
                if rule.value is None:
                    break
        key = Key(path, outer.rules, self._treatment(tuple(matching)))
        if len(path) <= MAX_PATH:
            self._keep_bounded()
            outer.inner[raw] = key
        return key

    def _treatment(self, rules: tuple[Rule, ...]) -> Treatment | None:
        if not rules:
            return None
        found = self._treatments.get(rules)
        if found is None:
            found = self._treatments[rules] = Treatment(rules, self._rules.hash_key)
        return found

    def _keep_bounded(self) -> None:
        self._known += 1
        if self._known > MAX_KEYS:
            self._known = 0
            for outermost in self._outermost.values():
                outermost.inner.clear()


def _about(service: str, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if rule.service is None or fnmatchcase(service, rule.service.casefold()))
