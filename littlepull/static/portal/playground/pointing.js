// What is pointed at: a field in the result and its place in the media light up together, whoever was touched.
const listeners = new Map();
let lit = null;

// One listener to a place: a new file's view takes over from the last one's.
export function onPoint(place, listener) {
  listeners.set(place, listener);
}

// `from` names who was touched; `settled`: by focus or a click, not in passing. Passing is told by pointermove:
// what scrolls under a pointer at rest is not pointed at.
export function point(pointer, from, settled = false) {
  if (pointer === lit && !settled) return;
  lit = pointer;
  listeners.forEach((listener) => listener(pointer, from, settled));
}
