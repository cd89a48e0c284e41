// Messages from the server. The browser reconnects by itself when the connection is lost.

export class Stream {
  // heard(message): {device, kind, age, data}. linked(state): "open", "lost" or "refused".
  constructor(heard, linked) {
    this.heard = heard;
    this.linked = linked;
    this.source = null;
  }

  // The server sends poses of this device only, and all other messages of all devices.
  open(device) {
    this.source?.close();
    const source = new EventSource(`stream?device=${encodeURIComponent(device)}`);
    source.onopen = () => this.linked("open");
    source.onmessage = event => this.heard(JSON.parse(event.data));
    source.onerror = () => this.linked(source.readyState === EventSource.CLOSED ? "refused" : "lost");
    this.source = source;
  }
}
