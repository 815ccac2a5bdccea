"""What is done in the browser, once a round, and what it says of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from playwright.async_api import Browser, BrowserContext

from benchmarks.ingest.payloads import ITEMS_A_REQUEST, Signal, make_requests
from benchmarks.pages.browser import Watched, fresh, watched
from benchmarks.pages.place import Place, Volume
from benchmarks.tail.offering import offer

SECOND_MS = 1000
TASK_MS = 50
FIRST_SCRIPT_KB = 250
ANSWER_MS = 200
PIXELS, PIXELS_A_SECOND = 24_000, 8_000
STREAMED_A_SECOND, STREAMED_SECONDS = 500, 10
CELLS = "[role=row] [role=cell]"

Said = dict[str, float]

_TO_THE_END = """([selector, count]) => new Promise((done) => {
  const table = document.querySelector("[role=table][aria-label=Logs]");
  (function on() {
    if (Number(table.getAttribute("aria-rowcount")) > count) return done();
    const rows = document.querySelector(selector);
    rows.scrollTop = rows.scrollHeight;
    requestAnimationFrame(on);
  })();
})"""


@dataclass(frozen=True)
class Scene:
    """marks: what figures should stay below, by their names."""

    name: str
    play: Callable[[Browser, Place], Awaitable[Said]]
    marks: Mapping[str, float]


async def _first_view(browser: Browser, place: Place) -> Said:
    """By a browser that was never here."""
    async with fresh(browser) as context, watched(context) as page:
        shown = await page.open(place.url, "main .services a")
        await page.settled()
        return {
            "first paint, ms": await page.first_paint(),
            "until its services are shown, ms": shown,
            "compressed JavaScript, kB": await page.script_bytes() / 1000,
            "longest task, ms": (await page.moved()).task,
        }


async def _trace(spans: int, browser: Browser, place: Place) -> Said:
    """Opened and scrolled, by a browser that was here before."""
    async with _known(browser, f"{place.url}/traces") as context, watched(context) as page:
        shown = await page.open(f"{place.url}/traces/{place.traces[spans]}", "[role=treeitem]")
        await page.settled()
        took, size = await page.answer("/outline")
        opening = await page.moved()
        await page.page.get_by_role("button", name="Unfold all").click()
        await page.settled()
        unfolding = await page.moved()
        return {
            "until its spans are shown, ms": shown,
            "of it the server's answer, ms": took,
            "size of the answer, kB": size / 1000,
            "longest task while opening, ms": opening.task,
            "longest task while unfolding all, ms": unfolding.task,
        } | await _scrolled(page, "[role=tree]")


async def _many_logs(browser: Browser, place: Place) -> Said:
    """All of them loaded by going on to the end, then scrolled from the top."""
    async with _known(browser, f"{place.url}/logs") as context, watched(context) as page:
        shown = await page.open(f"{place.url}/logs?from=now-1h", CELLS)
        await page.settled()
        opening = await page.moved()
        rows = "[role=table][aria-label=Logs] .scroller"
        await page.page.evaluate(_TO_THE_END, [rows, place.volume.logs])
        loading = await page.moved()
        await page.page.locator(rows).press("Home")
        await page.settled()
        await page.moved()
        return {
            "until rows are shown, ms": shown,
            "longest task while opening, ms": opening.task,
            "longest task while loading all, ms": loading.task,
        } | await _scrolled(page, rows)


async def _streaming(browser: Browser, place: Place) -> Said:
    """Logs come in while the page shows them, and a person walks through them by keyboard."""
    requests = make_requests(Signal.LOGS, STREAMED_A_SECOND * STREAMED_SECONDS // ITEMS_A_REQUEST, time.time_ns())
    async with _known(browser, f"{place.url}/logs") as context, watched(context) as page:
        await page.open(f"{place.url}/logs?stream=1", CELLS)
        await page.page.get_by_role("status", name="Streaming").get_by_text("Live").wait_for()
        await page.settled()
        await page.moved()
        sending = asyncio.create_task(offer([place.send], requests, STREAMED_A_SECOND))
        while not sending.done():
            await page.page.keyboard.press("j")
            await page.settled(SECOND_MS / 2)
        await sending
        coming = await page.moved()
        return {
            "longest task, ms": coming.task,
            "longest frame, ms": coming.frame,
            "longest answer to a key, ms": coming.answer,
        }


async def _service_map(browser: Browser, place: Place) -> Said:
    async with _known(browser, f"{place.url}/services") as context, watched(context) as page:
        shown = await page.open(f"{place.url}/services?view=map", ".svelte-flow__edge")
        await page.settled()
        return {"until its calls are shown, ms": shown, "longest task, ms": (await page.moved()).task}


async def _scrolled(page: Watched, selector: str) -> Said:
    await page.scroll(selector, PIXELS, PIXELS_A_SECOND)
    moved = await page.moved()
    return {"longest task while scrolling, ms": moved.task, "longest frame while scrolling, ms": moved.frame}


@asynccontextmanager
async def _known(browser: Browser, url: str) -> AsyncIterator[BrowserContext]:
    """Of somebody who has seen that page before, so that its files are there."""
    async with fresh(browser) as context:
        async with watched(context) as page:
            await page.open(url, "main h1")
            await page.settled()
        yield context


_SCROLLS = {"longest task while scrolling, ms": TASK_MS}


def scenes(volume: Volume) -> tuple[Scene, ...]:
    """In the order they are played."""
    return (
        Scene(
            "first view, never seen before",
            _first_view,
            {
                "first paint, ms": SECOND_MS,
                "until its services are shown, ms": SECOND_MS,
                "compressed JavaScript, kB": FIRST_SCRIPT_KB,
            },
        ),
        Scene(
            f"a trace of {volume.spans:,} spans",
            partial(_trace, volume.spans),
            _SCROLLS | {"until its spans are shown, ms": SECOND_MS},
        ),
        Scene(f"a trace of {volume.more_spans:,} spans", partial(_trace, volume.more_spans), _SCROLLS),
        Scene(f"{volume.logs:,} rows of logs", _many_logs, _SCROLLS),
        Scene(
            f"{STREAMED_A_SECOND} logs a second streamed",
            _streaming,
            {"longest task, ms": TASK_MS, "longest answer to a key, ms": ANSWER_MS},
        ),
        Scene(f"a map of {volume.calls:,} calls", _service_map, {"longest task, ms": TASK_MS}),
    )
