// The same request as code: cURL, Python, JavaScript.
const site = document.getElementById("playground").dataset.site;
const place = (language) => document.querySelector(`#code-${language} code`);

export function showCode({ file, schema, schema_name: name }) {
  const asked = { file: file?.name ?? "receipt.jpg", name, schema: schema && JSON.stringify(JSON.parse(schema)) };
  place("curl").textContent = curl(asked);
  place("python").textContent = python(asked);
  place("javascript").textContent = javascript(asked);
}

const shell = (text) => (/^[\w.@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function curl({ file, name, schema }) {
  const wanted = name ? `-F schema_name=${name}` : `-F schema=${shell(schema)}`;
  return `curl ${site}/v1/extractions \\
  -H "Authorization: Bearer $LITTLEPULL_API_KEY" \\
  -H "Prefer: wait=60" \\
  -F file=@${shell(file)} \\
  ${wanted}`;
}

function python({ file, name, schema }) {
  const wanted = name ? JSON.stringify(name) : "schema";
  const given = name ? "" : `\nschema = json.loads(${pythonText(schema)})`;
  return `${name ? "" : "import json\n\n"}from littlepull_client import LittlePull

client = LittlePull()  # reads LITTLEPULL_API_KEY${given}
extraction = client.extract(${JSON.stringify(file)}, schema=${wanted})
print(extraction.data)`;
}

// JSON's text is a Python literal too, once it is a string in double quotes.
const pythonText = (text) => JSON.stringify(text);

function javascript({ file, name, schema }) {
  const wanted = name ? `form.set("schema_name", "${name}");` : `form.set("schema", JSON.stringify(${schema}));`;
  return `import { readFile } from "node:fs/promises";

const form = new FormData();
form.set("file", new Blob([await readFile(${JSON.stringify(file)})]), ${JSON.stringify(file)});
${wanted}
const answer = await fetch("${site}/v1/extractions", {
  method: "POST",
  headers: { Authorization: \`Bearer \${process.env.LITTLEPULL_API_KEY}\`, Prefer: "wait=60" },
  body: form,
});
const extraction = await answer.json();
console.log(extraction.data);`;
}
