// What the page knows of every sensor. It stays of one size, however long the page is open.
const MOST_SENSORS = 64;
const EVENTS_KEPT = 50; // of each sensor

export class Sensors {
  constructor() {
    this.all = new Map();
  }

  get(device) {
    return this.all.get(device);
  }

  // Takes in a message about a sensor. Returns whether it says something new.
  hear({ device, kind, data }) {
    if (kind === "gone") return this.all.delete(device);
    if (!this.all.has(device)) {
      if (this.all.size >= MOST_SENSORS) return false;
      this.all.set(device, { events: [] });
    }
    const sensor = this.all.get(device);
    if (kind !== "event") {
      sensor[kind] = data;
      return true;
    }
    // The same event may be said again, also as a late one.
    if (sensor.events.some(event => event.run === data.run && event.sequence === data.sequence)) return false;
    sensor.events.push(data);
    sensor.events.splice(0, sensor.events.length - EVENTS_KEPT);
    return true;
  }

  // [device, title] in the order of the titles: the name, and the id where two sensors have the same name.
  titles() {
    const names = [...this.all].map(([device, sensor]) => [device, sensor.summary?.name ?? device]);
    const isShared = name => names.filter(([, other]) => other === name).length > 1;
    return names.map(([device, name]) => [device, isShared(name) ? `${name} (${device})` : name])
      .sort(([, one], [, other]) => one.localeCompare(other));
  }
}
