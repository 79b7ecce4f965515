// Elements out of data, never out of markup: whatever a record is called, it stays text.

export const byId = (id) => document.getElementById(id);

/** An element: `properties` are set as properties where it has them, else as attributes; empty children are left out. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  return fill(made, ...children);
}

/** The same for SVG, where everything is an attribute. */
export function shape(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return fill(made, ...children);
}

/** Puts children in the place of what was there. */
export function fill(parent, ...children) {
  parent.replaceChildren(...children.flat(2).filter((child) => child || child === 0));
  return parent;
}
