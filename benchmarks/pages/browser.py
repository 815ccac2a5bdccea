"""A page under observation: what the browser's own Performance entries say of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright

from tests.browser.install import find

PATIENCE_MS = 120_000
VIEWPORT: ViewportSize = {"width": 1280, "height": 800}

# Long tasks are told to observers alone; frames are known by the time between two of them.
_OBSERVED = """
globalThis.observed = { tasks: [], answers: [], frames: [] };
function observe(kind, type, more) {
  const told = (list) => observed[kind].push(...list.getEntries().map(({ duration }) => duration));
  new PerformanceObserver(told).observe({ type, buffered: true, ...more });
}
observe("tasks", "longtask");
observe("answers", "event", { durationThreshold: 16 });
let before = 0;
(function frame(now) {
  if (before) observed.frames.push(now - before);
  before = now;
  requestAnimationFrame(frame);
})(0);
"""
_TAKEN = """() => Object.keys(observed).map((kind) => Math.max(0, ...observed[kind].splice(0)))"""
_SCRIPTS = """() => performance.getEntriesByType("resource")
  .filter(({ name }) => new URL(name).pathname.endsWith(".js"))
  .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)"""
_FIRST_PAINT = """() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime"""
_ANSWER = """(part) => {
  const [entry] = performance.getEntriesByType("resource").filter(({ name }) => name.includes(part));
  return { took: entry.responseEnd - entry.requestStart, bytes: entry.encodedBodySize };
}"""


@dataclass(frozen=True)
class Moved:
    """Milliseconds: of the longest task of the page's thread, 0 where none took more than 50; from a key or click to
    the next paint; between two frames."""

    task: float
    answer: float
    frame: float


class Watched:
    """A page of a browser."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def open(self, url: str, shown: str) -> float:
        """Milliseconds from the start of the navigation until what this selector finds is there."""
        await self.page.goto(url, wait_until="commit")
        condition = "(shown) => document.querySelector(shown) && performance.now()"
        found = await self.page.wait_for_function(condition, arg=shown, polling="raf")
        return float(await found.json_value())

    async def moved(self) -> Moved:
        """Since the page opened, or since this was asked before."""
        return Moved(*await self.page.evaluate(_TAKEN))

    async def settled(self, milliseconds: float = 1000) -> None:
        await self.page.wait_for_timeout(milliseconds)

    async def first_paint(self) -> float:
        """Of any content, in milliseconds."""
        await self.page.wait_for_function(_FIRST_PAINT)
        return float(await self.page.evaluate(_FIRST_PAINT))

    async def script_bytes(self) -> float:
        """Of JavaScript, as it came."""
        return float(await self.page.evaluate(_SCRIPTS))

    async def answer(self, part: str) -> tuple[float, float]:
        """Milliseconds and bytes of the answer whose address has this part."""
        told = await self.page.evaluate(_ANSWER, part)
        return told["took"], told["bytes"]

    async def scroll(self, selector: str, pixels: int, a_second: int) -> None:
        """By the browser's own gesture, as a wheel does it."""
        box = await self.page.locator(selector).bounding_box()
        assert box is not None
        session = await self.page.context.new_cdp_session(self.page)
        gesture = {
            "x": box["x"] + box["width"] / 2,
            "y": box["y"] + box["height"] / 2,
            "yDistance": -pixels,
            "speed": a_second,
            "gestureSourceType": "mouse",
        }
        await session.send("Input.synthesizeScrollGesture", gesture)
        await session.detach()


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    path = find()
    if path is None:
        raise SystemExit("benchmark: no Chromium; run python -m tests.browser.install")
    async with async_playwright() as playwright:
        # As root there is no sandbox to be had; the pages are our own.
        launched = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        await launched.close()


@asynccontextmanager
async def fresh(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A context that knows nothing yet, no file of the pages either."""
    context = await browser.new_context(viewport=VIEWPORT, timezone_id="UTC")
    context.set_default_timeout(PATIENCE_MS)
    await context.add_init_script(_OBSERVED)
    yield context
    await context.close()


@asynccontextmanager
async def watched(context: BrowserContext) -> AsyncIterator[Watched]:
    page = await context.new_page()
    yield Watched(page)
    await page.close()
