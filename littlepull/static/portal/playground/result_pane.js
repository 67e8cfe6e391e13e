// The result: each value with how sure it is, or why there is none; the same as JSON; and what became of the media.
import { onPoint, point } from "./pointing.js";
import { steps } from "./schema_model.js";
import { amount, clock, knows, percent, say } from "./words.js";

const list = document.getElementById("result-fields");
const json = document.querySelector("#result-json code");
const remarks = document.getElementById("result-remarks");
const end = document.getElementById("result-end");
const row = document.getElementById("playground-field");

const LONG = 60; // letters; more get the whole width

let receipt = null;
const link = document.getElementById("result-receipt");
link.addEventListener("click", download);
onPoint("result", light);
list.addEventListener("keydown", move);

export function clearResult() {
  for (const place of [list, remarks]) place.replaceChildren();
  json.textContent = "";
  end.hidden = true;
  document.getElementById("result").classList.remove("has-result");
}

export function showResult(extraction) {
  document.getElementById("result").classList.add("has-result");
  list.replaceChildren(...grouped(extraction.fields ?? []));
  const first = list.querySelector("button");
  if (first) first.tabIndex = 0;
  json.textContent = JSON.stringify(extraction.data ?? null, null, 2);
  remarks.replaceChildren(...remarksOn(extraction).map(([kind, text]) => remark(kind, text)));
  showEnd(extraction);
}

// Values inside an object or a list under its name, once.
function grouped(fields) {
  let last = "";
  return fields.flatMap((field) => {
    const names = steps(field.pointer).map((name) => (/^\d+$/.test(name) ? String(Number(name) + 1) : name));
    const inside = names.slice(0, -1).join(" › ");
    const heading = inside && inside !== last ? [groupRow(inside)] : [];
    last = inside;
    return [...heading, fieldRow(field, names.at(-1) ?? "", inside)];
  });
}

function groupRow(name) {
  const item = document.createElement("li");
  item.className = "group";
  item.textContent = name;
  return item;
}

function fieldRow(field, name, inside) {
  const item = row.content.firstElementChild.cloneNode(true);
  const part = (name) => item.querySelector(`[data-part="${name}"]`);
  const button = item.firstElementChild;
  const absent = field.value === null || field.value === undefined;
  button.dataset.pointer = field.pointer;
  part("name").replaceChildren(...name.split(/(?<=_)/).flatMap((piece) => [piece, document.createElement("wbr")]));
  part("inside").textContent = inside ? `${inside} › ` : "";
  part("value").textContent = absent ? "null" : String(field.value);
  item.classList.toggle("absent", absent);
  item.classList.toggle("long", part("value").textContent.length > LONG);
  if (absent) {
    part("sure").remove();
    part("value").append(" ", part("why"));
    part("why").textContent = field.reason && knows(`reason-${field.reason}`) ? say(`reason-${field.reason}`) : field.reason ?? say("reason-not_found");
  } else {
    part("meter").value = field.confidence;
    part("percent").textContent = percent(field.confidence);
    part("why").textContent = field.grounded ? "" : say("not-grounded");
  }
  part("why").hidden = !part("why").textContent;
  button.addEventListener("pointermove", () => point(field.pointer, "result"));
  button.addEventListener("focus", () => point(field.pointer, "result", true));
  button.addEventListener("click", () => point(field.pointer, "result", true));
  return item;
}

function remarksOn(extraction) {
  const { quality, warnings = [], schema_valid: valid, schema_errors: errors = [] } = extraction;
  const said = [];
  if (extraction.partial) said.push(["warn", say("partial", { pages: extraction.media.failed_pages.join(", ") })]);
  const heard = extraction.media.seconds === undefined ? "" : "-heard";
  if (quality && ["poor", "fair"].includes(quality.grade)) said.push(["warn", say(`quality-${quality.grade}${heard}`)]);
  if (valid === false) said.push(...errors.map(({ pointer, reason }) => ["warn", say("does-not-satisfy", { pointer: pointer || "/", reason })]));
  const spoken = warnings.filter((code) => !(code === "page_unreadable" && extraction.partial)); // said above, with their numbers
  said.push(...spoken.map((code) => ["warn", say(knows(`warning-${code}`) ? `warning-${code}` : "warning-other", { code })]));
  return said;
}

function remark(kind, text) {
  const made = document.createElement("p");
  made.className = `notice ${kind}`;
  made.textContent = text;
  return made;
}

function showEnd(extraction) {
  receipt = extraction.destruction_receipt ?? null;
  end.hidden = false;
  const { charged, estimated } = extraction.cost;
  const word = Number(charged) ? "charged" : "charged-nothing";
  document.getElementById("result-charge").textContent = say(word, { charged: amount(charged), estimated: amount(estimated) });
  const gone = extraction.media_destroyed_at;
  document.getElementById("result-destroyed").textContent = gone ? say("destroyed-at", { time: clock(gone) }) : "";
  link.hidden = !receipt;
}

function download() {
  const url = URL.createObjectURL(new Blob([JSON.stringify(receipt, null, 2)], { type: "application/json" }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = `destruction-receipt-${receipt.statement.job_id}.json`;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function light(pointer, from, settled) {
  for (const button of list.querySelectorAll("button")) {
    const lit = button.dataset.pointer === pointer;
    button.classList.toggle("lit", lit);
    if (!lit || from !== "media") continue;
    button.scrollIntoView({ block: "nearest" });
    if (settled) button.focus({ preventScroll: true });
  }
}

// One stop for the tab key; from there the arrows go from field to field.
function move(event) {
  const rows = [...list.querySelectorAll("button")];
  const here = rows.indexOf(document.activeElement);
  const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (here < 0 || to === undefined) return;
  event.preventDefault();
  const next = rows[to];
  if (!next) return;
  rows[here].tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
