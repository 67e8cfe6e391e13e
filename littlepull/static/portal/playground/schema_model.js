// A JSON Schema as a tree that can be edited, and back. What the tree has no place for is kept as it was.
export const KINDS = ["string", "number", "integer", "boolean", "date", "object", "array"];
const OWN = new Set(["type", "description", "properties", "required", "items"]);
const LEADING = ["$schema", "$id", "title"];

export function empty(kind = "string") {
  const node = { kind, nullable: false, description: "", rest: {} };
  if (kind === "object") Object.assign(node, { properties: [], rest: { additionalProperties: false } });
  if (kind === "array") node.items = empty("string");
  return node;
}

export function read(schema) {
  const kind = kindOf(schema);
  if (kind === "other") return { kind, raw: schema };
  const rest = Object.fromEntries(Object.entries(schema).filter(([name]) => !OWN.has(name)));
  if (kind === "date") delete rest.format;
  const description = schema.description ?? "";
  const node = { kind, nullable: [schema.type].flat().includes("null"), description, rest };
  if (kind === "array") node.items = read(schema.items ?? {});
  if (kind === "object") {
    const required = schema.required ?? [];
    node.properties = Object.entries(schema.properties ?? {}).map(([name, child]) => ({ name, required: required.includes(name), node: read(child) }));
  }
  return node;
}

function kindOf(schema) {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return "other";
  const types = [schema.type ?? (schema.properties ? "object" : [])].flat().filter((type) => type !== "null");
  const properties = schema.properties ?? {};
  if (types.length !== 1 || !KINDS.includes(types[0]) || types[0] === "date") return "other";
  if (types[0] === "object" && (typeof properties !== "object" || Array.isArray(properties))) return "other";
  if (types[0] === "object" && !Array.isArray(schema.required ?? [])) return "other";
  if ("description" in schema && typeof schema.description !== "string") return "other";
  return types[0] === "string" && schema.format === "date" ? "date" : types[0];
}

export function write(node) {
  if (node.kind === "other") return node.raw;
  const type = node.kind === "date" ? "string" : node.kind;
  const schema = {};
  for (const name of LEADING) if (name in node.rest) schema[name] = node.rest[name];
  if (node.description) schema.description = node.description;
  schema.type = node.nullable ? [type, "null"] : type;
  if (node.kind === "date") schema.format = "date";
  if (node.kind === "array") schema.items = write(node.items);
  if (node.kind === "object") {
    const named = node.properties.filter(({ name }) => name);
    schema.properties = Object.fromEntries(named.map((property) => [property.name, write(property.node)]));
    schema.required = named.filter(({ required }) => required).map(({ name }) => name);
    if (!schema.required.length) delete schema.required;
  }
  for (const [name, value] of Object.entries(node.rest)) if (!LEADING.includes(name)) schema[name] = value;
  if (Array.isArray(schema.enum)) schema.enum = withNull(schema.enum, node.nullable);
  return schema;
}

function withNull(values, nullable) {
  const without = values.filter((value) => value !== null);
  return nullable ? [...without, null] : without;
}

export function step(pointer, name) {
  return `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

export function steps(pointer) {
  return pointer.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}
