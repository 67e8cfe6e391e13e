// The schema: one that has a name, or one's own, as a tree and as JSON, both kept in step and both checked.
import { call } from "./api.js";
import { empty, read, steps, write } from "./schema_model.js";
import { treeEditor } from "./schema_tree.js";
import { tabs } from "./tabs.js";
import { say } from "./words.js";

const OWN = "";
// What the server checks anyway, and only some vendors' grammars do too, is nothing to trouble anybody with here.
const WORTH_SAYING = ["required", "additionalProperties", "patternProperties", "prefixItems", "$schema", "$ref", "$id"];
const choice = document.getElementById("schema-choice");
const text = document.getElementById("schema-text");
const told = document.getElementById("schema-told");
const saving = document.getElementById("schema-saving");
const saveName = document.getElementById("schema-save-name");

export function schemaPane({ key, onChange, onProblem }) {
  let shown = null; // the schema in the editors, or null while the JSON cannot be read
  let named = choice.value; // "" once it was changed
  let touched = false;
  let waiting = 0;
  let asked = 0;
  const tree = treeEditor(document.getElementById("schema-tree"), (model) => {
    text.value = JSON.stringify(write(model), null, 2);
    edited(write(model));
  });
  tabs(document.getElementById("schema-tabs"));

  text.addEventListener("input", () => {
    const parsed = parse(text.value);
    if (parsed) tree.show(read(parsed));
    edited(parsed);
  });
  choice.addEventListener("change", () => { touched = true; choose(choice.value); });
  document.getElementById("schema-save").addEventListener("click", save);

  async function choose(name) {
    if (name === OWN) {
      show(write({ ...empty("object"), properties: [] }), OWN);
      return;
    }
    try {
      const { body } = await call(key(), `/v1/schemas/${name}`);
      show(body.schema, name);
    } catch (problem) {
      onProblem(problem);
    }
  }

  function show(schema, name) {
    [shown, named, choice.value] = [schema, name, name];
    text.value = JSON.stringify(schema, null, 2);
    tree.show(read(schema));
    tell([]);
    saving.hidden = name !== OWN;
    onChange();
  }

  function edited(schema) {
    touched = true;
    if (named !== OWN) saveName.value = choice.querySelector(`option[value="${CSS.escape(named)}"][data-saved]`) ? named : "";
    [shown, named, choice.value] = [schema, OWN, OWN];
    saving.hidden = false;
    onChange();
    clearTimeout(waiting);
    if (schema) waiting = setTimeout(lint, 500);
  }

  function parse(written) {
    try {
      return JSON.parse(written);
    } catch (error) {
      tell([{ pointer: "", kind: "error", message: say("not-json", { reason: error.message }) }]);
      return null;
    }
  }

  async function lint() {
    const mine = asked += 1;
    try {
      const { body } = await call(key(), "/v1/schemas/lint", { method: "POST", json: { schema: shown } });
      const errors = body.errors.map((one) => ({ ...one, kind: "error" }));
      const warnings = body.warnings.filter((one) => one.enforced_by === "nobody" || WORTH_SAYING.includes(one.keyword));
      if (mine === asked) tell([...errors, ...warnings.map((one) => ({ ...one, kind: "warning" }))]);
    } catch (problem) {
      if (mine === asked) tell([{ pointer: "", kind: "error", message: problem.detail ?? problem.title }]);
    }
  }

  // Beside the row it is about, where there is one, and below the JSON with its line.
  function tell(remarks) {
    const homeless = new Set(tree.remark(remarks));
    told.replaceChildren(...remarks.map((remark) => {
      const item = document.createElement("li");
      item.className = remark.kind;
      item.classList.toggle("on-row", !homeless.has(remark));
      const line = lineOf(text.value, remark.pointer);
      item.textContent = line ? say("at-line", { line, message: remark.message }) : remark.message;
      return item;
    }));
  }

  async function save() {
    const name = saveName.value.trim();
    const mine = choice.querySelector(`option[value="${CSS.escape(name)}"][data-saved]`);
    if (!shown || !name) { saveName.focus(); return; }
    try {
      if (mine) await call(key(), `/v1/schemas/${name}`, { method: "PUT", json: { schema: shown } });
      else await call(key(), "/v1/schemas", { method: "POST", json: { name, schema: shown } });
    } catch (problem) {
      tell(problem.errors?.length ? problem.errors.map((one) => ({ ...one, kind: "error" })) : [{ pointer: "", kind: "error", message: problem.detail }]);
      return;
    }
    if (!mine) offer(name);
    show(shown, name);
  }

  function offer(name) {
    const option = new Option(name, name);
    option.dataset.saved = "";
    const group = document.getElementById("schema-saved");
    group.append(option);
    group.hidden = false;
  }

  return {
    choose,
    // What fits the file, unless somebody has chosen already.
    suggest(name) { if (!touched && named !== name) choose(name); },
    isReady: () => shown !== null,
    // As the form fields of a request.
    asked: () => (named === OWN ? { schema: JSON.stringify(shown) } : { schema_name: named }),
    refuse(problem) { tell(problem.errors.map((one) => ({ ...one, kind: "error" }))); },
  };
}

// Roughly: the line on which the last name of the pointer stands, looked for one name after the other.
function lineOf(written, pointer) {
  let at = 0;
  for (const name of steps(pointer)) {
    const found = written.indexOf(`"${name}"`, at);
    if (found >= 0) at = found;
  }
  return pointer && at ? written.slice(0, at).split("\n").length : 0;
}
