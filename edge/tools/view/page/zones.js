// The zones of one sensor: from the configuration until they are edited, then from this browser's own store.
import { crosses, inFrame } from "./polygon.js";

const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/;
const MOST_CORNERS = 64;

export class Zones {
  constructor(device, configured) {
    this.key = `posenet-edge zones ${device}`;
    this.configured = configured;
    this.list = this.stored() ?? structuredClone(configured);
  }

  add(polygon) {
    let number = this.list.length + 1;
    while (this.list.some(zone => zone.name === `zone-${number}`)) number += 1;
    this.list.push({ name: `zone-${number}`, polygon: polygon.map(inFrame) });
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

  moveCorner(index, corner, point) {
    this.list[index].polygon[corner] = inFrame(point);
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
    if (polygon.length <= 3) return false;
    polygon.splice(corner, 1);
    this.keep();
    return true;
  }

  reset() {
    try { localStorage.removeItem(this.key); } catch { /* A browser that keeps nothing has nothing to forget. */ }
    this.list = structuredClone(this.configured);
  }

  // Why the sensor would refuse this zone; empty: it would not.
  problem(index) {
    const { name, polygon } = this.list[index];
    if (!NAME.test(name)) return "name: small letters, digits, - and _";
    if (this.list.some((zone, other) => other < index && zone.name === name)) return "another zone has this name";
    return crosses(polygon) ? "its edges cross or touch" : "";
  }

  toml() {
    return this.list.map(zone => Object.entries(zone).map(([key, value]) => `${key} = ${tomlValue(value)}\n`).join(""))
      .map(text => `[[zone]]\n${text}`).join("\n");
  }

  keep() {
    try { localStorage.setItem(this.key, JSON.stringify(this.list)); } catch { /* Then they last as long as the page. */ }
  }

  stored() {
    try {
      const list = JSON.parse(localStorage.getItem(this.key));
      return Array.isArray(list) && list.every(isZone) ? list : null;
    } catch {
      return null;
    }
  }
}

function isZone(zone) {
  return typeof zone?.name === "string" && Array.isArray(zone.polygon) && zone.polygon.length >= 3
    && zone.polygon.every(corner => Array.isArray(corner) && corner.length === 2 && corner.every(Number.isFinite));
}

function tomlValue(value) {
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(", ")}]`;
  return typeof value === "string" ? `"${value}"` : String(value);
}
