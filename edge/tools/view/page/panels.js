// Panels beside the picture.
import { html } from "./svg.js";

const STATE_HOLDS = 90; // seconds after which a state is no longer valid
const SURE_HOLDS = 5; // seconds for which a sure body proves that the camera sees
const EVENTS_SHOWN = 50;
const SHOWN_ELSEWHERE = ["version", "time", "postures"];
const STATES = {
  starting: "starting", running: "running", no_camera: "no camera", no_frames: "no frames", refused: "not sealed",
  too_slow: "too slow", ended: "clip is over", silent: "sense is silent",
};

// rate: received frames per second.
export function showHealth(list, sensor, rate) {
  const health = sensor?.health ?? {};
  const number = (value, unit) => (typeof value === "number" ? `${value} ${unit}` : "–");
  const offline = sensor?.online === false;
  fill(list, [
    ["Sensor", offline ? "offline" : STATES[health.state] ?? "–", offline || (health.state && health.state !== "running")],
    ["Frames", `${rate.toFixed(1)}/s`, false],
    ["Seal", { true: "sealed", false: "not sealed" }[health.sealed] ?? "–", health.sealed === false],
    ["Latency", number(health.latency_ms, "ms"), false],
    ["Temperature", number(health.temperature, "°C"), health.temperature >= 80],
    ["Picture", { "": "clear" }[blindness(sensor)] ?? blindness(sensor) ?? "–", Boolean(blindness(sensor))],
  ]);
}

// Reason why the camera sees nothing; empty if it sees, undefined or null if that is not known.
export function blindness(sensor) {
  return now() - (sensor?.sureAt ?? -Infinity) <= SURE_HOLDS ? "" : sensor?.health?.blind;
}

// Current state of a sensor; empty if it is too old.
export function known(sensor) {
  const fresh = sensor?.state && now() - sensor.stateSince <= STATE_HOLDS;
  return fresh && sensor.online !== false ? sensor.state : {};
}

export function showKnown(list, sensor) {
  const rows = Object.entries(known(sensor)).filter(([key]) => !SHOWN_ELSEWHERE.includes(key))
    .map(([key, value]) => [words(key), inWords(value), false]);
  fill(list, rows.length ? rows : [["Nothing", "no state, or too old", false]]);
}

// nobody: what is said where no person is shown; only a frame without people shows that nobody is seen.
export function showPersons(list, people, postureOf, nobody) {
  const texts = people.map(person => `Person ${person.id}: ${postureOf(person.id) || "seen"}, ${place(person)}`);
  say(list, texts.length ? texts : [nobody]);
}

export function addEvent(list, event) {
  const { time, kind, id, zone, confidence, version, run, sequence, ...details } = event;
  const at = new Date(time * 1000);
  const who = [id == null ? "" : `person ${id}`, zone ?? "", ...Object.entries(details).map(([key, value]) => `${words(key)} ${inWords(value)}`)];
  const line = html("li", {}, html("time", { datetime: at.toISOString() }, at.toLocaleTimeString()),
    html("b", {}, words(String(kind))), html("span", {}, who.filter(Boolean).join(", ")));
  list.prepend(line);
  while (list.children.length > EVENTS_SHOWN) list.lastChild.remove();
}

export function now() {
  return performance.now() / 1000;
}

function place({ joints }) {
  const sure = joints.filter(joint => joint && joint[2] >= 0.2);
  if (!sure.length) return "hardly";
  const x = sure.reduce((sum, joint) => sum + joint[0], 0) / sure.length;
  return x < 1 / 3 ? "on the left" : x > 2 / 3 ? "on the right" : "in the middle";
}

function words(key) {
  return key.replaceAll("_", " ");
}

function inWords(value) {
  if (value === null) return "not known";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map(inWords).join(", ") || "none";
  if (typeof value === "object") {
    const parts = Object.entries(value).map(([key, part]) => `${words(key)}: ${inWords(part)}`);
    const isNested = Object.values(value).some(part => part !== null && typeof part === "object");
    return parts.join(isNested ? "; " : ", ") || "none";
  }
  return words(String(value));
}

// Terms and descriptions; unchanged ones are kept, so that selections and screen readers are not disturbed.
function fill(list, rows) {
  const wanted = rows.map(([term, text, bad]) => `${term}\n${text}\n${Boolean(bad)}`).join("\n");
  if (list.shown === wanted) return;
  list.shown = wanted;
  list.replaceChildren(...rows.map(([term, text, bad]) =>
    html("div", bad ? { class: "bad" } : {}, html("dt", {}, term), html("dd", {}, text))));
}

function say(list, texts) {
  texts.forEach((text, index) => {
    if (!list.children[index]) list.append(html("li"));
    if (list.children[index].textContent !== text) list.children[index].textContent = text;
  });
  while (list.children.length > texts.length) list.lastChild.remove();
}
