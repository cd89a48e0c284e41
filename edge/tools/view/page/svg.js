// Creation of elements without markup, so that received text can only be shown as text.

const SVG = "http://www.w3.org/2000/svg";

export function svg(name, attributes = {}, ...children) {
  return dress(document.createElementNS(SVG, name), attributes, children);
}

export function html(name, attributes = {}, ...children) {
  return dress(document.createElement(name), attributes, children);
}

function dress(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// Sets an attribute only if it changes, which saves work in the browser.
export function put(element, name, value) {
  const text = String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

// Sets a text only if it changes, so that selections and screen readers are not disturbed.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Seconds on a clock that never jumps.
export function now() {
  return performance.now() / 1000;
}
