// Editing of places: on the picture, in their list, and sending them to the sensor.
import { Editor } from "./editor.js";
import { makeFloor } from "./floor.js";
import { drawGrid } from "./grid.js";
import { KINDS, MOST, Places } from "./places.js";
import { showPlaces, showProblems, sourceOf } from "./placelist.js";
import { Saving } from "./saving.js";
import { put, say } from "./svg.js";

const GRID_KEPT = "posenet-edge grid";
const WHILE_EDITING = ["kind", "add", "remove-corner", "reset", "hint"];

const find = id => document.getElementById(id);

export class Desk {
  constructor(commands) {
    this.stage = find("stage");
    this.places = null;
    this.editor = new Editor(this.stage, find("places"), {
      changed: () => this.tell(),
      added: () => this.list(),
      full: () => say(find("source"), `There are ${MOST} of this kind, and a sensor takes no more`),
    });
    this.saving = new Saving(commands, places => {
      places.reset();
      if (places === this.places) this.show();
    });
    new ResizeObserver(() => this.draw()).observe(this.stage);
    find("grid-on").checked = isKept();
    find("grid-on").addEventListener("change", event => {
      keep(event.target.checked);
      this.draw();
    });
    find("edit").addEventListener("click", () => this.edit(!this.editor.editing));
    document.addEventListener("keydown", event => {
      if (event.key !== "Escape" || !this.editor.editing || find("saving").open) return;
      this.edit(false);
      find("edit").focus();
    });
    find("kind").addEventListener("change", event => { this.editor.kind = KINDS[event.target.selectedIndex]; });
    find("add").addEventListener("click", () => this.editor.add());
    find("remove-corner").addEventListener("click", () => this.editor.removeCorner());
    find("reset").addEventListener("click", () => {
      this.places.reset();
      this.show();
    });
    find("save").addEventListener("click", () => this.saving.open(this.device, this.places));
  }

  // told: the sensor's places, or undefined.
  choose(device, told) {
    this.device = device;
    this.places = new Places(device);
    if (told) this.places.hear(told);
    this.show();
  }

  hear(device, told) {
    if (device === this.device) {
      const floor = JSON.stringify(this.places.said?.floor);
      const changed = this.places.hear(told);
      if (changed || floor !== JSON.stringify(told.floor)) this.show();
      this.tell();
    }
    this.saving.hear(device, told);
  }

  // Redraws everything, after a change of the sensor or its places.
  show() {
    this.draw();
    this.list();
  }

  // Redraws the picture; also to be called when its size changes.
  draw() {
    if (!this.places) return;
    const { width, height } = this.stage.viewBox.baseVal;
    const floor = makeFloor(this.places.said?.floor, height / width);
    find("grid-choice").hidden = !floor;
    drawGrid(find("grid"), find("grid-on").checked ? floor : null, width, height, this.editor.pixel);
    this.editor.show(this.places, floor);
  }

  list() {
    showPlaces(find("place-list"), this.places, this.editor.editing, {
      rename: (index, name) => {
        this.places.rename(index, name);
        this.editor.draw();
        this.tell();
      },
      remove: index => {
        this.places.remove(index);
        this.show();
      },
      turnAround: index => {
        this.places.turnAround(index);
        this.editor.draw();
        this.tell();
      },
    });
    this.tell();
  }

  // Updates what can change while the list stays the same.
  tell() {
    showProblems(find("place-list"), this.places);
    say(find("source"), sourceOf(this.places));
  }

  edit(on) {
    this.editor.edit(on);
    put(find("edit"), "aria-pressed", on);
    find("edit").textContent = on ? "Done" : "Edit places";
    document.body.classList.toggle("editing", on);
    for (const id of WHILE_EDITING) find(id).hidden = !on;
    if (this.places) this.list();
    if (on) find("room").scrollIntoView({ block: "nearest" });
  }
}

function isKept() {
  try { return localStorage.getItem(GRID_KEPT) !== "off"; } catch { return true; }
}

function keep(on) {
  try { localStorage.setItem(GRID_KEPT, on ? "on" : "off"); } catch { /* Without storage it lasts as long as the page. */ }
}
