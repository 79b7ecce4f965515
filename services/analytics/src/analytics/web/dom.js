// Elements out of data, never out of markup: whatever a record is called, it stays text.

const SVG = "http://www.w3.org/2000/svg";

/** An element: `properties` are set as properties where it has them, else as attributes; empty children are left out. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key === "data") Object.assign(made.dataset, value);
    else if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...present(children));
  return made;
}

/** The same for SVG, where everything is an attribute. */
export function shape(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...present(children));
  return made;
}

/** Puts children in the place of what was there. */
export function fill(parent, ...children) {
  parent.replaceChildren(...present(children));
  return parent;
}

export const byId = (id) => document.getElementById(id);

const present = (children) => children.flat(2).filter((child) => child !== null && child !== undefined && child !== false && child !== "");
