// The events of one sensor, the newest first, and what their words mean.
import { html } from "./svg.js";

const EVENTS_SHOWN = 50;

export function addEvent(list, event) {
  const at = new Date(event.time * 1000);
  const [kind, ...about] = event.words.split(", ");
  list.prepend(html("li", String(event.kind).startsWith("fall_") ? { class: "fall" } : {},
    html("time", { datetime: at.toISOString() }, at.toLocaleTimeString()),
    html("b", {}, kind), html("span", {}, about.join(", "))));
  while (list.children.length > EVENTS_SHOWN) list.lastChild.remove();
}

// kinds: [word, meaning].
export function showLegend(list, kinds) {
  list.replaceChildren(...kinds.map(([word, meaning]) => html("div", {}, html("dt", {}, word), html("dd", {}, meaning))));
}
