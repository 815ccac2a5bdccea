"""A trial: conditions go on and off, replicas fail meanwhile, and what was decided is compared with what was so."""

import asyncio
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from database.pool import connect_pool
from tests.alert_faults.replicas import Replica
from tests.alert_receiver import Receiver, receiver
from tests.rows import until

RULES = 8
FOLLOW_SECONDS = 60.0
"""What decisions may take after a change, with a take-over between; what takes longer counts as missed."""
DELIVER_SECONDS = 120.0
NORMAL_STOP_SECONDS = 10.0


@dataclass
class Verdict:
    """What came of a trial. mistakes: empty if every decision was made, once, and told. follow: seconds, per round.
    faults: when each began and ended, by the monotonic clock."""

    rounds: int
    kills: int = 0
    stops: int = 0
    mistakes: list[str] = field(default_factory=list)
    follow: list[float] = field(default_factory=list)
    faults: list[tuple[float, float]] = field(default_factory=list)
    episodes: Counter[UUID] = field(default_factory=Counter)
    epochs: int = 0
    deliveries: int = 0
    repeated: int = 0


async def trial(dsn: str, seed: int, rounds: int, haste: float, log: Path) -> Verdict:
    """haste: see `replica`. Everything random comes from the seed."""
    verdict = Verdict(rounds)
    pool = await connect_pool(dsn, min_size=1, max_size=4, statement_timeout_ms=30_000)
    try:
        async with receiver() as hook:
            rules = await _prepare(pool, hook)
            with log.open("wb") as output, Replica(dsn, haste, output) as one, Replica(dsn, haste, output) as other:
                await _run(pool, rules, (one, other), Random(seed), haste, verdict)
                await _until_all_is_sent(dsn, verdict)
            await _judge(pool, rules, hook, verdict)
    finally:
        await pool.close()
    return verdict


async def _prepare(pool: Any, hook: Receiver) -> list[UUID]:
    await pool.execute("DELETE FROM enterprise.alert_rules")
    await pool.execute(
        "INSERT INTO enterprise.alert_channels (name, kind, settings) VALUES ('hook', 'webhook', $1)", {"url": hook.url}
    )
    return [
        await pool.fetchval(
            "INSERT INTO enterprise.alert_rules (name, metric_type, query, aggregation, condition, threshold, "
            "evaluation_interval_seconds, cooldown_minutes, notification_channels) "
            "VALUES ($1, 'logs', $2, 'count', 'gt', 0, 1, 0, '[\"hook\"]') RETURNING id",
            f"switch {number}",
            f'logger:"switch {number}"',
        )
        for number in range(RULES)
    ]


async def _run(
    pool: Any, rules: list[UUID], replicas: tuple[Replica, Replica], random: Random, haste: float, verdict: Verdict
) -> None:
    on: set[int] = set()
    await _until_follows(pool, rules, on)
    for _ in range(verdict.rounds):
        fault = asyncio.create_task(_fail(random, replicas, haste, verdict))
        changed = set(random.sample(range(RULES), random.randint(1, RULES)))
        for number in sorted(changed):
            await _switch(pool, number, number not in on)
        on ^= changed
        verdict.episodes.update(rules[number] for number in changed & on)
        began = time.monotonic()
        try:
            await _until_follows(pool, rules, on)
        except TimeoutError:
            verdict.mistakes.append(f"after {FOLLOW_SECONDS:.0f} s, not all of {sorted(changed)} were decided on")
        verdict.follow.append(time.monotonic() - began)
        await fault
    # All conditions end, so that each episode does.
    for number in on:
        await _switch(pool, number, False)
    await _until_follows(pool, rules, set())


async def _fail(random: Random, replicas: tuple[Replica, Replica], haste: float, verdict: Verdict) -> None:
    moment, stands_still = random.uniform(0, 1.5), random.uniform(0, 1.2) * NORMAL_STOP_SECONDS / haste
    replica, kills = random.choice(replicas), random.random() < 0.5
    await asyncio.sleep(moment)
    began = time.monotonic()
    if kills:
        verdict.kills += 1
        await asyncio.to_thread(replica.kill)
    else:
        verdict.stops += 1
        replica.stop()
        try:
            await asyncio.sleep(stands_still)
        finally:
            replica.go_on()
    verdict.faults.append((began, time.monotonic()))


async def _switch(pool: Any, number: int, on: bool) -> None:
    if on:
        await pool.execute(
            "INSERT INTO enterprise.structured_logs (level, logger_name, message) VALUES ('INFO', $1, 'on')",
            f"switch {number}",
        )
    else:
        await pool.execute("DELETE FROM enterprise.structured_logs WHERE logger_name = $1", f"switch {number}")


async def _until_follows(pool: Any, rules: list[UUID], on: set[int]) -> None:
    """Waits until exactly these rules fire, and each was evaluated since this began."""
    expected = {rules[number] for number in on}
    since = await pool.fetchval("SELECT clock_timestamp()")
    async with asyncio.timeout(FOLLOW_SECONDS):
        while True:
            rows = await pool.fetch(
                "SELECT r.id, EXISTS (SELECT FROM enterprise.alert_instances AS i WHERE i.rule_id = r.id "
                "AND i.status = 'firing') AS fires FROM enterprise.alert_rules AS r WHERE r.last_evaluated_at >= $1",
                since,
            )
            if len(rows) == len(rules) and {row["id"] for row in rows if row["fires"]} == expected:
                return
            await asyncio.sleep(0.05)


async def _until_all_is_sent(dsn: str, verdict: Verdict) -> None:
    try:
        await until(dsn, "SELECT count(*) FROM enterprise.alert_notices WHERE state <> 'sent'", 0, DELIVER_SECONDS)
    except AssertionError as error:
        verdict.mistakes.append(f"notices were not sent: {error}")


async def _judge(pool: Any, rules: list[UUID], hook: Receiver, verdict: Verdict) -> None:
    """Firing and resolved take turns in the history, one instance and one notice each, and each notice arrived."""
    for rule_id in rules:
        changes = await pool.fetch(
            "SELECT event, instance_id FROM enterprise.alert_history "
            "WHERE rule_id = $1 AND event IN ('firing', 'resolved') ORDER BY id",
            rule_id,
        )
        events = [row["event"] for row in changes]
        if events != ["firing", "resolved"] * verdict.episodes[rule_id]:
            verdict.mistakes.append(f"{rule_id}: {verdict.episodes[rule_id]} episodes, {events}")
        statuses = await pool.fetch("SELECT status FROM enterprise.alert_instances WHERE rule_id = $1", rule_id)
        if [row["status"] for row in statuses] != ["resolved"] * (len(events) // 2):
            verdict.mistakes.append(f"{rule_id}: {len(statuses)} instances of {len(events)} changes")
    told = Counter(
        (row["instance_id"], row["told"])
        for row in await pool.fetch(
            "SELECT item ->> 'instance_id' AS instance_id, item ->> 'told' AS told "
            "FROM enterprise.alert_notices, jsonb_array_elements(items) AS item"
        )
    )
    opened = [str(row["id"]) for row in await pool.fetch("SELECT id FROM enterprise.alert_instances")]
    if told != Counter((each, what) for each in opened for what in ("firing", "resolved")):
        verdict.mistakes.append(f"{len(opened)} alerts, told of {sum(told.values())} times")
    await _judge_deliveries(pool, hook, verdict)
    verdict.epochs = await pool.fetchval("SELECT epoch FROM enterprise.leases WHERE name = 'alerts'")


async def _judge_deliveries(pool: Any, hook: Receiver, verdict: Verdict) -> None:
    """Each notice arrived and was recorded as sent, once; one that arrived again was not, before a fault between."""
    arrived: dict[str, list[float]] = defaultdict(list)
    for request in hook.requests:
        arrived[request.headers["idempotency-key"]].append(request.at)
    recorded = {
        str(row["id"]): row["successes"]
        for row in await pool.fetch(
            "SELECT n.id, count(*) FILTER (WHERE a.success) AS successes FROM enterprise.alert_notices AS n "
            "LEFT JOIN enterprise.alert_attempts AS a ON a.notice_id = n.id GROUP BY n.id"
        )
    }
    if arrived.keys() != recorded.keys():
        verdict.mistakes.append(f"{len(recorded)} notices, {len(arrived)} arrived")
    if wrong := {key: successes for key, successes in recorded.items() if successes != 1}:
        verdict.mistakes.append(f"recorded as sent other than once: {wrong}")
    for key, times in arrived.items():
        for first, again in pairwise(times):
            verdict.repeated += 1
            if not any(began < again and ended > first for began, ended in verdict.faults):
                verdict.mistakes.append(f"{key} arrived again after {again - first:.1f} s without a fault")
    verdict.deliveries = len(hook.requests)
