// "What is known" of one sensor, and the falls of all.
import { html, say } from "./svg.js";

const NOT_CONNECTED = {
  room: "unknown", headline: "Not connected: nothing is known of the room", alarm: "", persons: {}, placed: [], groups: [], unknown: [],
  trouble: "not connected", rows: [],
};
const find = id => document.getElementById(id);

// What is said of a sensor of which nothing is heard now, as there is no connection.
export const cutOff = summary => (summary ? { ...summary, ...NOT_CONNECTED } : NOT_CONNECTED);

export function showKnown(summary) {
  say(find("headline"), summary?.headline ?? "Nothing is known of the room");
  find("headline").dataset.room = summary?.room ?? "unknown";
  say(find("unknown"), summary?.unknown.length ? `Not known: ${summary.unknown.join(", ")}` : "");
  keep(find("groups"), summary?.groups ?? [], ([title, lines]) => [
    ...(title === "People" ? [] : [html("h3", {}, title)]),
    html("ul", { class: title.toLowerCase() }, ...lines.map(line => html("li", {}, line))),
  ]);
}

// people: of the frame that is shown, or null without one. Where nobody is drawn, why is said elsewhere.
export function showPersons(summary, people) {
  const words = summary?.persons ?? {};
  const where = person => (summary?.placed.includes(String(person.id)) ? "" : `, ${place(person)}`);
  const texts = people ? people.map(person => `Person ${person.id}: ${words[person.id] || "seen"}${where(person)}`)
    : Object.entries(words).map(([id, text]) => `Person ${id}: ${text}`);
  lines(find("persons"), texts.length ? texts : [people ? "Nobody is seen" : "Nobody is shown"]);
}

// alarms: [device, title, words].
export function showAlarms(alarms) {
  keep(find("alarms"), alarms, ([device, title, words]) => [
    html("p", { class: "alarm card" }, html("a", { href: `#${encodeURIComponent(device)}` }, html("bdi", {}, title)), ` ${words}`),
  ]);
}

// rate: received frames per second, or null where there is nothing to receive.
export function showHealth(summary, rate) {
  const [first, ...others] = summary?.rows ?? [];
  const frames = rate === null ? [] : [["Frames", `${rate.toFixed(1)}/s`, false]];
  const rows = first ? [first, ...frames, ...others] : [["Sensor", "–", false]];
  keep(find("health"), rows, ([term, text, bad]) =>
    [html("div", bad ? { class: "bad" } : {}, html("dt", {}, term), html("dd", {}, text))]);
}

function place({ joints }) {
  const sure = joints.filter(joint => joint && joint[2] >= 0.2);
  if (!sure.length) return "hardly";
  const x = sure.reduce((sum, joint) => sum + joint[0], 0) / sure.length;
  return x < 1 / 3 ? "on the left" : x > 2 / 3 ? "on the right" : "in the middle";
}

// Fills an element; unchanged ones are kept, so that selections and screen readers are not disturbed.
function keep(element, values, make) {
  const wanted = JSON.stringify(values);
  if (element.shown === wanted) return;
  element.shown = wanted;
  element.replaceChildren(...values.flatMap(make));
}

function lines(list, texts) {
  texts.forEach((text, index) => {
    if (!list.children[index]) list.append(html("li"));
    say(list.children[index], text);
  });
  while (list.children.length > texts.length) list.lastChild.remove();
}
