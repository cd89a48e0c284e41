// What the server says, message by message. The browser itself connects again when the connection is lost.

export class Stream {
  // heard(message): {device, kind, age, data}. linked(state): "open", "lost" or "refused".
  constructor(heard, linked) {
    this.heard = heard;
    this.linked = linked;
    this.source = null;
  }

  // Poses of this device, and everything else of all.
  open(device) {
    this.source?.close();
    const source = new EventSource(`stream?device=${encodeURIComponent(device)}`);
    source.onopen = () => this.linked("open");
    source.onmessage = event => this.heard(JSON.parse(event.data));
    source.onerror = () => this.linked(source.readyState === EventSource.CLOSED ? "refused" : "lost");
    this.source = source;
  }
}
