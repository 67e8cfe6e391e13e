// The tree editor: a row for each property, nested as the data will be. It changes the model in place.
import { empty, KINDS, step } from "./schema_model.js";
import { say } from "./words.js";

const template = document.getElementById("playground-node");

export function treeEditor(root, onChange) {
  let model = empty("object");

  function show(node) {
    model = node;
    draw();
  }

  function draw(focus) {
    root.replaceChildren();
    if (model.kind !== "object") {
      const told = document.createElement("p");
      told.className = "quiet";
      told.textContent = say("tree-other-root");
      root.append(told);
      return;
    }
    root.append(level(model, ""), adder(model, "", say("add-property")));
    if (focus) root.querySelector(`[data-pointer="${CSS.escape(focus)}"] input`)?.focus();
  }

  function level(node, pointer) {
    const list = document.createElement("ul");
    list.className = "nodes";
    node.properties.forEach((property, place) => list.append(row(node, place, pointer)));
    return list;
  }

  function row(parent, place, pointer) {
    const property = parent.properties[place];
    const here = step(`${pointer}/properties`, property.name);
    const item = template.content.firstElementChild.cloneNode(true);
    const part = (name) => item.querySelector(`[data-part="${name}"]`);
    item.dataset.pointer = here;
    part("name").value = property.name;
    part("name").addEventListener("input", () => rename(parent, property, item, part("name")));
    part("name").addEventListener("change", () => { if (!item.classList.contains("wrong")) item.dataset.pointer = step(`${pointer}/properties`, property.name); });
    fillKinds(part("kind"), property.node.kind);
    part("kind").addEventListener("change", () => { property.node = changed(property.node, part("kind").value); redraw(here); });
    part("remove").setAttribute("aria-label", say("remove-property", { name: property.name }));
    part("remove").addEventListener("click", () => { parent.properties.splice(place, 1); redraw(); });
    const more = part("more");
    part("toggle").setAttribute("aria-label", say("more-property", { name: property.name }));
    part("toggle").addEventListener("click", () => { more.hidden = !more.hidden; part("toggle").setAttribute("aria-expanded", String(!more.hidden)); });
    part("required").checked = property.required;
    part("required").addEventListener("change", () => { property.required = part("required").checked; onChange(model); });
    bindNode(property.node, part);
    appendInside(part("inside"), property, here);
    return item;
  }

  function bindNode(node, part) {
    const other = node.kind === "other";
    part("nullable").disabled = part("description").disabled = other;
    if (other) return;
    part("nullable").checked = node.nullable;
    part("nullable").addEventListener("change", () => { node.nullable = part("nullable").checked; onChange(model); });
    part("description").value = node.description;
    part("description").addEventListener("input", () => { node.description = part("description").value; onChange(model); });
  }

  function appendInside(inside, property, here) {
    const { node } = property;
    if (node.kind === "object") inside.append(level(node, here), adder(node, here, say("add-property-to", { name: property.name })));
    if (node.kind !== "array") return;
    const label = document.createElement("label");
    const select = document.createElement("select");
    label.className = "of";
    label.append(say("each-entry"), select);
    fillKinds(select, node.items.kind);
    select.addEventListener("change", () => { node.items = changed(node.items, select.value); redraw(here); });
    inside.append(label);
    if (node.items.kind === "object") inside.append(level(node.items, `${here}/items`), adder(node.items, `${here}/items`, say("add-property-to", { name: property.name })));
  }

  function adder(node, pointer, label) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = `+ ${label}`;
    button.addEventListener("click", () => {
      let number = node.properties.length + 1;
      while (node.properties.some(({ name }) => name === `field_${number}`)) number += 1;
      node.properties.push({ name: `field_${number}`, required: true, node: { ...empty("string"), nullable: true } });
      const added = step(`${pointer}/properties`, `field_${number}`);
      redraw(added);
      root.querySelector(`[data-pointer="${CSS.escape(added)}"] input`)?.select();
    });
    return button;
  }

  function rename(parent, property, item, input) {
    const taken = !input.value || parent.properties.some((other) => other !== property && other.name === input.value);
    item.classList.toggle("wrong", taken);
    mark(item, taken ? say(input.value ? "name-taken" : "name-missing") : "");
    if (taken) return;
    property.name = input.value;
    onChange(model);
  }

  function redraw(focus) {
    draw(focus);
    onChange(model);
  }

  function mark(item, message, kind = "error") {
    const told = item.querySelector(':scope > [data-part="told"]');
    told.textContent = message;
    told.hidden = !message;
    told.dataset.kind = kind;
  }

  // Each remark at the row its pointer leads into; answers those that have no row.
  function remark(remarks) {
    const rows = [...root.querySelectorAll("[data-pointer]")].reverse(); // the deepest first
    rows.forEach((item) => { if (!item.classList.contains("wrong")) mark(item, ""); });
    return remarks.filter(({ pointer, message, kind }) => {
      const item = rows.find((one) => pointer === one.dataset.pointer || pointer.startsWith(`${one.dataset.pointer}/`));
      if (item && !item.classList.contains("wrong")) mark(item, message, kind);
      return !item;
    });
  }

  return { show, remark };
}

function changed(node, kind) {
  const kept = { nullable: node.nullable ?? false, description: node.description ?? "" };
  return { ...empty(kind), ...kept, ...(kind === "array" ? { nullable: false } : {}) };
}

function fillKinds(select, kind) {
  for (const one of kind === "other" ? [...KINDS, "other"] : KINDS) select.add(new Option(say(`kind-${one}`), one, false, one === kind));
}
