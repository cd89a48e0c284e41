// The last day of one sensor: a band of how the room was, the events as marks, and both as a list.
import { html, put, say, svg } from "./svg.js";

const HEIGHT = 64;
const BAND = [18, 28]; // from the upper edge, and height
const WORDS = { occupied: "occupied", empty: "empty", unknown: "not known", offline: "offline", "no record": "no record" };
const GAPS = ["unknown", "offline", "no record"];
const NO_RECORD = "no record";
const LISTED = 200; // entries of the list at most
const RENEWED = 15; // seconds
const HOUR = 3600;
const HALF_TIME = 28; // pixels, half of the width of "12:00 AM"

const find = id => document.getElementById(id);

export class Timeline {
  constructor() {
    this.band = find("band");
    this.day = null;
    this.asked = null;
    find("day-legend").append(...Object.entries(WORDS).map(([word, text]) =>
      html("li", {}, sample(word), text)), html("li", {}, sample("event"), "event"), html("li", {}, sample("fall"), "fall"));
    find("day-list").addEventListener("toggle", () => this.list());
    new ResizeObserver(() => this.draw()).observe(this.band);
  }

  choose(device) {
    this.device = device;
    this.day = null;
    this.draw();
    this.load();
  }

  // Asks for the day; again and again, as the server knows it and the page need not.
  async load() {
    clearTimeout(this.next);
    this.isSoon = false;
    const { device } = this;
    if (!device) return;
    this.next = setTimeout(() => this.load(), 1000 * RENEWED);
    const day = await fetch(`history?device=${encodeURIComponent(device)}`).then(answer => (answer.ok ? answer.json() : null), () => null);
    if (device !== this.device) return;
    // Without an answer, the former one grows old: what follows it is a gap.
    if (day) this.day = { ...day, at: Date.now() };
    this.draw();
  }

  // Soon, and once for all that happens until then.
  loadSoon() {
    if (this.isSoon) return;
    this.isSoon = true;
    clearTimeout(this.next);
    this.next = setTimeout(() => this.load(), 1000);
  }

  draw() {
    const width = Math.max(200, Math.round(this.band.clientWidth));
    put(this.band, "viewBox", `0 0 ${width} ${HEIGHT}`);
    const length = this.day?.length ?? 24 * HOUR;
    const now = Date.now();
    const past = this.day ? (now - this.day.at) / 1000 : 0;
    const x = age => Math.round(width * (1 - Math.min(1, (age + past) / length)));
    const spans = this.day?.spans ?? [];
    const rectangles = spans.map(([from, to, word]) => rectangle(Math.min(x(from), width - 1), x(to), word));
    const marks = [...new Map((this.day?.events ?? []).map(event => [`${x(event.age)} ${event.fall}`, event])).values()];
    this.band.querySelector("g").replaceChildren(
      rectangle(0, width, NO_RECORD), ...rectangles, ...hours(now, length, width), ...marks.map(event => mark(Math.min(width - 6, Math.max(6, x(event.age))), event.fall)),
    );
    say(find("day-sum"), this.day ? sum(spans, this.day.events) : "Nothing is known of the last day");
    say(find("listened"), this.day
      ? `Listening since ${time(now - 1000 * (this.day.listened + past), true)}; what was before is not known here. This computer's time.` : "");
    this.list();
  }

  list() {
    if (!find("day-list").open) return;
    const begins = (this.day?.spans ?? []).map(([age, , word]) => [age, WORDS[word]]);
    const happened = (this.day?.events ?? []).map(event => [event.age, event.words]);
    const entries = [...begins, ...happened].sort(([one], [other]) => one - other).slice(0, LISTED)
      .map(([age, words]) => [time(this.day.at - 1000 * age), words]);
    const list = find("day-list").querySelector("ol");
    const wanted = JSON.stringify(entries);
    if (list.shown === wanted) return;
    list.shown = wanted;
    list.replaceChildren(...entries.map(([at, words]) => html("li", {}, html("time", {}, at), ` ${words}`)));
  }
}

function rectangle(from, to, word) {
  const [top, height] = BAND;
  const flat = word === "empty";
  const shape = { class: `band ${word.replace(" ", "-")}`, x: from, width: Math.max(1, to - from), y: flat ? top + height - 5 : top, height: flat ? 5 : height };
  return svg("rect", GAPS.includes(word) ? { ...shape, fill: "url(#gap)" } : shape);
}

function mark(x, fall) {
  return fall ? svg("path", { class: "mark fall", d: `M${x - 6} 2 h12 l-6 14 z` }) : svg("path", { class: "mark", d: `M${x} 6 v10` });
}

// A line and a time at every third or sixth hour.
function hours(now, length, width) {
  const apart = width < 500 ? 6 : 3;
  const first = new Date(now - 1000 * length);
  first.setMinutes(0, 0, 0);
  const drawn = [];
  for (let at = first.getTime() + 1000 * HOUR; at < now; at += 1000 * HOUR) {
    if (new Date(at).getHours() % apart) continue;
    const x = Math.round(width * (1 - (now - at) / 1000 / length));
    drawn.push(svg("path", { class: "hour", d: `M${x} ${BAND[0]} v${BAND[1] + 4}` }));
    if (x > HALF_TIME && x < width - HALF_TIME) drawn.push(svg("text", { x, y: HEIGHT - 3, "text-anchor": "middle", "font-size": 12 }, time(at)));
  }
  return drawn;
}

function sample(word) {
  const shape = word === "fall" ? [mark(10, true)] : word === "event" ? [mark(10, false)]
    : [svg("rect", { class: `band ${word.replace(" ", "-")}`, x: 0, y: word === "empty" ? 11 : 2, width: 20, height: word === "empty" ? 5 : 14,
      ...(GAPS.includes(word) ? { fill: "url(#gap)" } : {}) })];
  return svg("svg", { viewBox: "0 0 20 18", width: 20, height: 18, "aria-hidden": true }, ...shape);
}

function sum(spans, events) {
  const totals = new Map();
  for (const [from, to, word] of spans) totals.set(word, (totals.get(word) ?? 0) + from - to);
  const parts = Object.keys(WORDS).filter(word => totals.get(word) >= 1).map(word => `${WORDS[word]} ${span(totals.get(word))}`);
  const falls = events.filter(event => event.fall).length;
  return `${parts.join(", ") || "nothing yet"}; ${events.length} ${events.length === 1 ? "event" : "events"}${falls ? `, ${falls} about falls` : ""}`;
}

function span(seconds) {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function time(at, withDay = false) {
  const day = withDay && Date.now() - at > 12 * HOUR * 1000 ? { weekday: "short", day: "numeric", month: "short" } : {};
  return new Date(at).toLocaleString([], { ...day, hour: "2-digit", minute: "2-digit" });
}
