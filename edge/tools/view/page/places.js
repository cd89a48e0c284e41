// Zones, lines, exits and ignored places of one sensor: as published until they are edited, then from this browser's storage.
import { crosses, inFrame, same } from "./polygon.js";

export const KINDS = ["zone", "line", "ignore", "exit"];
export const SPOKEN = { zone: "zone", line: "line", ignore: "ignored place", exit: "exit" };
const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/;
export const MOST = 32; // of each kind
const MOST_CORNERS = 64;

export class Places {
  constructor(device) {
    this.key = `posenet-edge places ${device}`;
    this.said = null;
    this.list = this.stored();
    this.edited = Boolean(this.list);
    this.list ??= [];
  }

  // told: the sensor's places. Returns whether the list has changed.
  hear(told) {
    const before = JSON.stringify(this.list);
    this.said = told;
    if (!this.edited) this.list = shapesOf(told);
    return JSON.stringify(this.list) !== before;
  }

  points(index) {
    const shape = this.list[index];
    return shape.kind === "line" ? [shape.start, shape.end] : shape.polygon;
  }

  isEditable(index) {
    return this.list[index].unit !== "metres";
  }

  // points: corners, or a line's two ends. Returns the index of the new place, or -1 if there are too many.
  add(kind, points) {
    const others = this.list.filter(shape => shape.kind === kind);
    if (others.length >= MOST) return -1;
    const word = kind === "ignore" ? "ignored" : kind;
    let number = others.length + 1;
    while (others.some(shape => shape.name === `${word}-${number}`)) number += 1;
    const [start, end] = points.map(inFrame);
    this.list.push({ kind, name: `${word}-${number}`, ...(kind === "line" ? { start, end } : { polygon: points.map(inFrame) }) });
    this.keep();
    return this.list.length - 1;
  }

  remove(index) {
    this.list.splice(index, 1);
    this.keep();
  }

  rename(index, name) {
    this.list[index].name = name;
    this.keep();
  }

  turnAround(index) {
    const line = this.list[index];
    [line.start, line.end] = [line.end, line.start];
    this.keep();
  }

  move(index, corner, point) {
    const shape = this.list[index];
    if (shape.kind === "line") shape[corner ? "end" : "start"] = inFrame(point);
    else shape.polygon[corner] = inFrame(point);
    this.keep();
  }

  insertCorner(index, corner, point) {
    const { polygon } = this.list[index];
    if (polygon.length >= MOST_CORNERS) return false;
    polygon.splice(corner, 0, inFrame(point));
    this.keep();
    return true;
  }

  removeCorner(index, corner) {
    const { polygon } = this.list[index];
    if (!polygon || polygon.length <= 3) return false;
    polygon.splice(corner, 1);
    this.keep();
    return true;
  }

  reset() {
    try { localStorage.removeItem(this.key); } catch { /* Without storage there is nothing to remove. */ }
    this.edited = false;
    this.list = this.said ? shapesOf(this.said) : [];
  }

  // Reason why the sensor would refuse this place; empty if it would accept it.
  problem(index) {
    const { kind, name, polygon, start, end } = this.list[index];
    if (!NAME.test(name)) return "name: at most 32 small letters, digits, - and _";
    const first = this.list.findIndex(shape => shape.kind === kind && shape.name === name);
    if (first < index) return `another ${SPOKEN[kind]} has this name`;
    if (!this.isEditable(index)) return "";
    if (kind === "line") return same(start, end) ? "start and end are the same point" : "";
    return crosses(polygon) ? "its edges cross or touch" : "";
  }

  // The first problem, with the name of its place.
  wrong() {
    const index = this.list.findIndex((_, number) => this.problem(number));
    return index < 0 ? "" : `${this.list[index].name}: ${this.problem(index)}`;
  }

  // Content of command/places.
  asked() {
    return Object.fromEntries(KINDS.map(kind => [kind, this.list.filter(shape => shape.kind === kind).map(bare)]));
  }

  toml() {
    return Object.entries(this.asked()).flatMap(([kind, shapes]) => shapes.map(shape =>
      `[[${kind}]]\n${Object.entries(shape).map(([key, value]) => `${key} = ${tomlValue(value)}\n`).join("")}`)).join("\n");
  }

  keep() {
    this.edited = true;
    try { localStorage.setItem(this.key, JSON.stringify(this.list)); } catch { /* Without storage they last as long as the page. */ }
  }

  stored() {
    try {
      const list = JSON.parse(localStorage.getItem(this.key));
      return Array.isArray(list) && list.every(isShape) ? list : null;
    } catch {
      return null;
    }
  }
}

// What people are shown for a place: its label, in any script, or its name.
export const called = shape => shape.label || shape.name;

// Whether the published places `told` are those that were sent; the sensor adds defaults.
export function isUsed(asked, told) {
  if (asked === null || typeof asked !== "object") return asked === told;
  const keys = Object.keys(asked);
  return told !== null && typeof told === "object" && (!Array.isArray(asked) || told.length === keys.length)
    && keys.every(key => isUsed(asked[key], told[key]));
}

function shapesOf(told) {
  return KINDS.flatMap(kind => told[kind].map(shape => structuredClone({ kind, ...shape })));
}

function bare({ kind, ...shape }) {
  return shape;
}

function isShape(shape) {
  const points = shape?.kind === "line" ? [shape.start, shape.end] : shape?.polygon;
  return KINDS.includes(shape?.kind) && typeof shape.name === "string" && Array.isArray(points)
    && points.length >= (shape.kind === "line" ? 2 : 3)
    && points.every(corner => Array.isArray(corner) && corner.length === 2 && corner.every(Number.isFinite));
}

function tomlValue(value) {
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(", ")}]`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
