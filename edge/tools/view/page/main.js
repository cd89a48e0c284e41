// Main module of the page: passes received messages to the picture and the panels.
import { Desk } from "./desk.js";
import { addEvent, blindness, known, now, showHealth, showKnown, showPersons } from "./panels.js";
import { Skeletons } from "./skeletons.js";
import { Stream } from "./stream.js";
import { html, put } from "./svg.js";

const find = id => document.getElementById(id);
const POSES_HOLD = 2; // seconds after which poses are no longer drawn
const PATIENCE = 3; // seconds without poses after which a notice says why
const LINKS = { open: "live", lost: "connection lost, trying again …", refused: "not allowed; open the address with the token again" };

// From here on the cookie is used; the token should not stay in the address.
if (location.search) history.replaceState(null, "", location.pathname + location.hash);

const setup = await (await fetch("setup")).json();
const sensors = new Map();
const skeletons = new Skeletons(find("people"), setup.parts, setup.bones);
const desk = new Desk(setup.commands);
const stream = new Stream(hear, state => { linked = state; refresh(); });
let linked = "lost";
let brokerThere = true;
let chosen = decodeURIComponent(location.hash.slice(1));
let frame = null;
let frameAt = -Infinity;
let chosenAt = now();
let drawing = false;
let arrivals = [];

function hear({ device, kind, age, data }) {
  if (kind === "broker") {
    brokerThere = data.connected;
    return refresh();
  }
  const sensor = sensorOf(device);
  if (kind === "poses") {
    if (data.sure) sensor.sureAt = now();
    return device === chosen ? show(data) : undefined;
  }
  if (kind === "event") {
    const key = JSON.stringify(data);
    if (!sensor.events.some(event => JSON.stringify(event) === key)) {
      sensor.events.push(data);
      sensor.events.splice(0, sensor.events.length - 50);
      if (device === chosen) addEvent(find("events"), data);
    }
  } else if (kind === "other_version") {
    sensor.isOther = true;
  } else if (kind === "state") {
    sensor.isOther = false;
    sensor.state = data;
    sensor.stateSince = now() - age;
  } else if (kind === "health") {
    sensor.health = data;
    list();
  } else if (kind === "availability") {
    sensor.online = data.online;
  } else if (kind === "places") {
    sensor.places = data;
    desk.hear(device, data);
  }
  return refresh();
}

function sensorOf(device) {
  if (!sensors.has(device)) {
    sensors.set(device, { events: [] });
    if (!chosen) choose(device);
    list();
  }
  return sensors.get(device);
}

function list() {
  const named = [...new Set([...sensors.keys(), chosen])].filter(Boolean).sort()
    .map(device => [device, sensors.get(device)?.health?.name || device]);
  const select = find("devices");
  const wanted = JSON.stringify(named);
  if (select.shown !== wanted) {
    select.shown = wanted;
    select.replaceChildren(...named.map(([device, name]) => html("option", { value: device }, name)));
  }
  select.value = chosen;
}

function choose(device) {
  chosen = device;
  history.replaceState(null, "", `#${encodeURIComponent(device)}`);
  frame = null;
  chosenAt = now();
  arrivals = [];
  find("events").replaceChildren();
  for (const event of sensors.get(device)?.events ?? []) addEvent(find("events"), event);
  desk.choose(device, sensors.get(device)?.places);
  list();
  stream.open(device);
  requestDrawing();
  refresh();
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
  skeletons.draw(frame?.people ?? [], width, height, person => [person.id, postureOf(person.id)].filter(Boolean).join(" "));
}

function postureOf(id) {
  return known(sensors.get(chosen)).postures?.[id] ?? "";
}

function refresh() {
  const sensor = sensors.get(chosen);
  arrivals = arrivals.filter(at => now() - at <= 2);
  if (frame && now() - frameAt > POSES_HOLD) {
    frame = null;
    requestDrawing();
  }
  const link = linked === "open" && !brokerThere ? "the broker is away, trying again …" : LINKS[linked];
  const status = find("link");
  if (status.textContent !== link) status.textContent = link;
  status.classList.toggle("bad", link !== LINKS.open);
  showHealth(find("health"), sensor, arrivals.length > 1 ? (arrivals.length - 1) / (arrivals.at(-1) - arrivals[0]) : 0);
  showKnown(find("known"), sensor);
  const text = frame ? "" : notice(sensor);
  find("notice").hidden = !text;
  if (find("notice").textContent !== text) find("notice").textContent = text;
}

// Reason why nothing is drawn.
function notice(sensor) {
  if (!sensor) return "No sensor has been heard yet";
  if (sensor.online === false) return "This sensor is offline";
  if (sensor.isOther) return "This sensor runs another version of posenet-edge than this view: update the older one";
  if (blindness(sensor)) return `The camera sees nothing: ${blindness(sensor)}`;
  if (now() - chosenAt < PATIENCE) return "";
  if (sensor.health?.frame_rate > 0) return "This sensor shares no coordinates";
  return "No poses are coming";
}

find("devices").addEventListener("change", event => choose(event.target.value));

setInterval(() => {
  refresh();
  const nobody = frame ? "Nobody is seen" : notice(sensors.get(chosen)) || "No poses yet";
  showPersons(find("persons"), frame?.people ?? [], postureOf, nobody);
}, 1000);
desk.choose(chosen);
stream.open(chosen);
list();
refresh();
