// Main module of the page: passes received messages to the picture and the cards, and follows the address.
import { Desk } from "./desk.js";
import { addEvent, showLegend } from "./events.js";
import { cutOff, showAlarms, showHealth, showKnown, showPersons } from "./known.js";
import { Sensors } from "./sensors.js";
import { Skeletons } from "./skeletons.js";
import { Stream } from "./stream.js";
import { html, now, put, say } from "./svg.js";
import { Tiles } from "./tiles.js";
import { Timeline } from "./timeline.js";

const find = id => document.getElementById(id);
const POSES_HOLD = 2; // seconds after which poses are no longer drawn
const PATIENCE = 3; // seconds without poses after which a notice says why
const SETTLED = 5; // seconds after the first sensor within which others decide what is shown first
const LINKS = { open: "live", lost: "connection lost, trying again …", refused: "not allowed; open the address with the token again" };

// From here on the cookie is used; the token should not stay in the address.
if (location.search) history.replaceState(null, "", location.pathname + location.hash);

const setup = await (await fetch("setup")).json();
const sensors = new Sensors();
const skeletons = new Skeletons(find("people"), setup.parts, setup.bones);
const desk = new Desk(setup.commands);
const tiles = new Tiles(find("tiles"));
const timeline = new Timeline();
const stream = new Stream(hear, state => { linked = state; refresh(); });
let linked = "lost";
let brokerThere = true;
let chosen; // id of the sensor that is shown; null for the overview; undefined until the server has said what it knows
let isReady = false;
let firstAt = Infinity;
let frame = null;
let frameAt = -Infinity;
let chosenAt = now();
let drawing = false;
let arrivals = [];

function hear(message) {
  const { device, kind, data } = message;
  if (kind === "broker") {
    brokerThere = data.connected;
    timeline.loadSoon();
    return refresh();
  }
  if (kind === "ready") {
    isReady = true;
    return route();
  }
  if (kind === "poses") return device === chosen ? show(data) : undefined;
  const isFirst = !sensors.get(device);
  if (!sensors.hear(message)) return undefined;
  firstAt = Math.min(firstAt, now());
  if (isReady && (isFirst || kind === "gone")) route();
  if (kind === "places") desk.hear(device, data);
  if (device === chosen && kind === "event") addEvent(find("events"), data);
  if (device === chosen && kind !== "places") timeline.loadSoon();
  return refresh();
}

// Which sensor the address names; empty for all.
function named() {
  try { return decodeURIComponent(location.hash.slice(1)); } catch { return ""; }
}

// Shows what the address names. Where there is one sensor alone, it is shown at once.
function route() {
  const only = sensors.all.size > 1 ? null : [...sensors.all.keys()][0] ?? "";
  choose(named() || only);
}

function choose(device) {
  if (device === chosen) return;
  chosen = device;
  frame = null;
  chosenAt = now();
  arrivals = [];
  find("overview").hidden = device !== null;
  find("sensor").hidden = device === null;
  find("events").replaceChildren();
  for (const event of sensors.get(device)?.events ?? []) addEvent(find("events"), event);
  desk.edit(false);
  desk.choose(device ?? "", sensors.get(device)?.places);
  timeline.choose(device ?? "");
  stream.open(device ?? "");
  requestDrawing();
  refresh();
}

function list(titles) {
  const options = titles.length > 1 ? [["", "All sensors"], ...titles] : titles;
  if (chosen && !sensors.get(chosen)) options.push([chosen, chosen]);
  const select = find("devices");
  const wanted = JSON.stringify(options);
  if (select.shown !== wanted) {
    select.shown = wanted;
    select.replaceChildren(...options.map(([device, title]) => html("option", { value: device, dir: "auto" }, title)));
  }
  find("which").hidden = options.length < 2;
  find("name").hidden = options.length !== 1;
  say(find("name"), options[0]?.[1] ?? "");
  select.value = chosen ?? "";
  const title = titles.find(([device]) => device === chosen)?.[1];
  say(document.querySelector("title"), `${title ? `${title} – ` : ""}posenet-edge view`);
}

function show(data) {
  const first = !frame;
  frame = data;
  frameAt = now();
  arrivals.push(frameAt);
  requestDrawing();
  if (first) refresh();
}

function requestDrawing() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    draw();
  });
}

function draw() {
  const { width, height } = frame ?? find("stage").viewBox.baseVal;
  const box = `0 0 ${width} ${height}`;
  if (find("stage").getAttribute("viewBox") !== box) {
    put(find("stage"), "viewBox", box);
    desk.draw();
  }
  const postures = sensors.get(chosen)?.summary?.postures ?? {};
  skeletons.draw(frame?.people ?? [], width, height, ({ id }) => [id, postures[id]].filter(Boolean).join(" "));
}

function refresh() {
  const at = now();
  arrivals = arrivals.filter(arrival => at - arrival <= 2);
  if (frame && at - frameAt > POSES_HOLD) {
    frame = null;
    requestDrawing();
  }
  say(find("link"), linkInWords());
  find("link").classList.toggle("bad", linkInWords() !== LINKS.open);
  const titles = sensors.titles();
  list(titles);
  showAlarms(titles.map(([device, title]) => [device, title, summaryOf(device)?.alarm]).filter(([, , words]) => words));
  if (chosen === null) return tiles.show(titles, summaryOf);
  const summary = summaryOf(chosen);
  const rate = arrivals.length > 1 ? (arrivals.length - 1) / (arrivals.at(-1) - arrivals[0]) : 0;
  showKnown(summary);
  showHealth(summary, summary?.room === "offline" ? null : rate);
  const text = frame ? "" : notice(summary);
  find("notice").hidden = !text;
  return say(find("notice"), text);
}

function linkInWords() {
  if (linked !== "open") return LINKS[linked];
  if (!brokerThere) return "the broker is away, trying again …";
  return stream.isQuiet() ? LINKS.lost : LINKS.open;
}

// What is known of a sensor now; undefined while nothing was heard of it.
function summaryOf(device) {
  const summary = sensors.get(device)?.summary;
  return linkInWords() === LINKS.open ? summary : cutOff(summary);
}

// Reason why nothing is drawn.
function notice(summary) {
  if (!summary) return chosen ? "Nothing is heard of this sensor" : "No sensor has been heard yet";
  if (summary.trouble) return `Nobody is shown: ${summary.trouble}`;
  if (now() - chosenAt < PATIENCE) return "";
  return summary.is_running ? "This sensor shares no coordinates" : "No poses are coming";
}

find("devices").addEventListener("change", event => { location.hash = encodeURIComponent(event.target.value); });
addEventListener("hashchange", () => {
  const before = chosen;
  route();
  // Who comes by keyboard goes on from what is shown now, and later from where the way began.
  if (chosen === before || document.activeElement === find("devices")) return;
  if (chosen === null) tiles.focus(before);
  else find("room").focus({ preventScroll: true });
});
showLegend(find("legend").querySelector("dl"), setup.events);

setInterval(() => {
  // A sensor that comes later does not take away the one that is looked at.
  if (chosen && !named() && now() - firstAt > SETTLED) history.replaceState(null, "", `#${encodeURIComponent(chosen)}`);
  refresh();
  if (chosen !== null) showPersons(summaryOf(chosen), frame?.people ?? null);
}, 1000);
if (named()) route();
else stream.open("");
