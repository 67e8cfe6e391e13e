// The page's sentences, in the language it was rendered in: they stand in a template of the page.
const words = new Map();
for (const one of document.getElementById("playground-words").content.querySelectorAll("[data-word]")) {
  words.set(one.dataset.word, one.textContent.trim().replace(/\s+/g, " "));
}

export function say(name, values = {}) {
  return (words.get(name) ?? name).replace(/\{(\w+)\}/g, (_, value) => values[value] ?? "");
}

export function knows(name) {
  return words.has(name);
}

const language = document.documentElement.lang || "en";

export function amount(text, unit = true) {
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 6 }).format(Number(text));
  return unit ? say(Number(text) === 1 ? "credit" : "credits", { number }) : number;
}

export function percent(share) {
  return new Intl.NumberFormat(language, { style: "percent" }).format(share);
}

export function clock(moment) {
  return new Date(moment).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
}

export function size(bytes) {
  const [shown, unit] = bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
  const format = { style: "unit", unit, maximumFractionDigits: shown < 10 ? 1 : 0 };
  return new Intl.NumberFormat(language, format).format(shown);
}

export function seconds(value) {
  const whole = Math.floor(value);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}.${Math.floor((value % 1) * 10)}`;
}
