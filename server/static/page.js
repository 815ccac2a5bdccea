import { showDetail, showMissing } from "./detail.js";
import { element, reconcile } from "./dom.js";
import { sortable } from "./format.js";
import { logRow, traceRow } from "./rows.js";
import { prepareSamples } from "./start.js";

const API = "/api/observability";
const EVERY_MS = 1000;
const WEEK = 168;
// What fewer hours do not cover after a pause is asked for anew.
const STALE_MS = 30 * 60 * 1000;
// A trace that has ended and got nothing for so long is not asked for again.
const LATE_SPANS_MS = 15 * 1000;

const part = (id) => document.getElementById(id);
const traces = { path: "/traces?limit=50", name: "traces", time: "start_time", id: "trace_id", keep: 50, rows: new Map() };
const logs = { path: "/logs?limit=100", name: "logs", time: "timestamp", id: "id", keep: 100, rows: new Map() };
const detail = { id: null, text: "", settled: false, open: new Set() };
let loadedAt = 0;
let timer = null;
let turn = 0;

class Refusal extends Error {}

async function ask(path) {
  let answer;
  try {
    answer = await fetch(API + path, { signal: AbortSignal.timeout(20000) });
  } catch {
    throw new Error("Otelgres does not answer; trying again");
  }
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  if (answer.status === 404) throw new Refusal(body.detail);
  throw new Error(body.detail ?? `Otelgres answers ${answer.status}`);
}

// The first load looks back a week; after it an hour is enough, and spares counting a week's traces every second.
async function load(kind, hours) {
  const answer = await ask(`${kind.path}&hours=${hours}`);
  if (hours === WEEK) kind.rows.clear();
  for (const item of answer[kind.name]) kind.rows.set(item[kind.id], item);
  const newest = [...kind.rows.values()].sort((a, b) => (sortable(a[kind.time]) < sortable(b[kind.time]) ? 1 : -1));
  kind.rows = new Map(newest.slice(0, kind.keep).map((item) => [item[kind.id], item]));
}

async function refreshLists() {
  const first = Date.now() - loadedAt > STALE_MS;
  const hours = first ? WEEK : 1;
  await Promise.all([load(traces, hours), load(logs, hours)]);
  loadedAt = Date.now();
  reconcile(part("traces"), [...traces.rows.values()], (item) => item.trace_id, traceRow, !first);
  reconcile(part("logs"), [...logs.rows.values()], (item) => item.id, (log) => logRow(log), !first);
  for (const [list, kind] of [["traces", traces], ["logs", logs]]) {
    if (!kind.rows.size) part(list).replaceChildren(element("li", "none", `No ${list} in the last seven days`));
  }
}

async function refreshDetail(id) {
  if (detail.settled) return;
  try {
    const query = `/logs?hours=${WEEK}&limit=200&trace_id=${encodeURIComponent(id)}`;
    const [found, ofTrace] = await Promise.all([ask("/traces/" + encodeURIComponent(id)), ask(query)]);
    if (detail.id !== id) return;
    const text = JSON.stringify([found, ofTrace]);
    if (text !== detail.text) showDetail(part("detail"), found, ofTrace.logs, detail.open);
    detail.text = text;
    const idle = Date.now() - Date.parse(found.trace.updated_at);
    detail.settled = found.trace.status !== "in_progress" && idle > LATE_SPANS_MS;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    showMissing(part("detail"), id, error.message);
  }
}

function arrange() {
  const empty = loadedAt > 0 && !traces.rows.size && !logs.rows.size;
  part("waiting").hidden = !empty;
  part("start-title").textContent = empty ? "Send the first trace" : "Send telemetry";
  part("detail").hidden = detail.id === null || !part("detail").hasChildNodes();
  part("start").hidden = detail.id !== null || !(empty || location.hash === "#start");
  part("lists").hidden = detail.id !== null || empty || loadedAt === 0;
}

function say(kind, text) {
  if (part("state").textContent !== text) part("state").textContent = text;
  part("state").dataset.kind = kind;
}

function follow() {
  const match = /^#trace\/(.+)$/.exec(location.hash);
  const id = match ? decodeURIComponent(match[1]) : null;
  if (id !== detail.id) {
    Object.assign(detail, { id, text: "", settled: false, open: new Set() });
    part("detail").replaceChildren();
    scrollTo(0, 0);
  }
  tick();
}

// Only the latest turn goes on, so that a click or a return to the tab never leaves two loops running.
async function tick() {
  clearTimeout(timer);
  const mine = ++turn;
  if (document.hidden) return say("paused", "Paused");
  arrange();
  try {
    if (detail.id !== null) await refreshDetail(detail.id);
    else await refreshLists();
    if (mine === turn) say("live", "Live");
  } catch (error) {
    if (mine === turn) say("away", error.message);
  }
  if (mine !== turn) return;
  arrange();
  timer = setTimeout(tick, EVERY_MS);
}

prepareSamples();
addEventListener("hashchange", follow);
document.addEventListener("visibilitychange", tick);
follow();
