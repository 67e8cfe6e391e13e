// SVG by attributes alone: the policy of the page allows no inline styles.
const SVG = "http://www.w3.org/2000/svg";

export function draw(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.append(...children);
  return element;
}

// Every citation with the field it belongs to; the largest first, so that it covers none of the others.
export function citations(extraction) {
  const all = (extraction.fields ?? []).flatMap((field) => field.citations.map((citation) => ({ pointer: field.pointer, ...citation })));
  return all.sort((one, other) => extent(other) - extent(one));
}

function extent({ bbox, start, end }) {
  return bbox ? (bbox[2] - bbox[0]) * (bbox[3] - bbox[1]) : end - start;
}
