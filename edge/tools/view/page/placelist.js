// List of the places beside the picture: text, or fields while they are edited.
import { called, SPOKEN } from "./places.js";
import { html } from "./svg.js";

// act: {rename(index, name), remove(index), turnAround(index)}.
export function showPlaces(list, places, editing, act) {
  if (!places.list.length) return list.replaceChildren(html("li", { class: "quiet" }, "None yet"));
  return list.replaceChildren(...places.list.map((shape, index) => {
    const kind = `${SPOKEN[shape.kind]}${places.isEditable(index) ? "" : ", in metres"}`;
    const about = html("span", { class: "quiet" }, ` ${kind}${shape.label ? ` ${shape.name}` : ""}`);
    const title = html("bdi", {}, called(shape));
    if (!editing || !places.isEditable(index)) return html("li", {}, title, about, problem(places, index));
    const name = html("input", { value: shape.name, maxlength: 32, "aria-label": `Name of ${SPOKEN[shape.kind]} ${shape.name}` });
    name.addEventListener("change", () => act.rename(index, name.value.trim()));
    const buttons = [button("Remove", shape.name, () => act.remove(index))];
    if (shape.kind === "line") buttons.unshift(button("Turn around", shape.name, () => act.turnAround(index)));
    return html("li", {}, name, ...buttons, ...(shape.label ? [" ", title] : []), about, problem(places, index));
  }));
}

// Updates the problem shown with each place, without changing elements that may have the focus.
export function showProblems(list, places) {
  list.querySelectorAll(".problem").forEach((line, index) => { line.textContent = places.problem(index); });
}

export function sourceOf(places) {
  if (places.edited) return "Edited in this browser; the sensor has others until this is saved there";
  if (!places.said) return "This sensor has not said its places";
  return places.said.source === "command" ? "As asked for over MQTT, in place of its settings" : "As in its settings";
}

function problem(places, index) {
  return html("span", { class: "problem", role: "status" }, places.problem(index));
}

function button(word, name, pressed) {
  const made = html("button", { type: "button", "aria-label": `${word} ${name}` }, word);
  made.addEventListener("click", pressed);
  return made;
}
