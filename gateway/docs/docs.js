// Renders the description of the API.
"use strict";

const make = (name, text, className) => {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
};

const row = (table, ...cells) => {
  const line = table.insertRow();
  for (const cell of cells) line.insertCell().append(cell ?? "");
};

let schemas = {};

/** Writes a schema as an example-like outline. */
const outline = (schema, depth = 0, seen = []) => {
  if (!schema) return "any";
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    if (seen.includes(name)) return name;
    return outline(schemas[name], depth, [...seen, name]);
  }
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (alternatives) return alternatives.map((one) => outline(one, depth, seen)).join(" | ");
  if (schema.allOf) return schema.allOf.map((one) => outline(one, depth, seen)).join(" & ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const pad = "  ".repeat(depth + 1);
  const kind = [].concat(schema.type ?? "any");
  const extra = kind.filter((one) => one !== "object" && one !== "array").join(" | ");
  if (kind.includes("array")) {
    const list = `[${outline(schema.items, depth, seen)}]`;
    return extra ? `${list} | ${extra}` : list;
  }
  if (kind.includes("object") && schema.properties) {
    const required = schema.required ?? [];
    const lines = Object.entries(schema.properties).map(([name, value]) => {
      const note = value.description ? `  // ${value.description.split("\n")[0]}` : "";
      const mark = required.includes(name) ? "" : "?";
      return `${pad}${name}${mark}: ${outline(value, depth + 1, seen)}${note}`;
    });
    return `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`;
  }
  return kind.join(" | ") + (schema.format ? ` (${schema.format})` : "");
};

const bodies = (parent, title, content) => {
  for (const [kind, { schema }] of Object.entries(content ?? {})) {
    parent.append(make("h4", `${title} (${kind})`), make("pre", outline(schema)));
  }
};

const operation = (method, path, about) => {
  const box = make("details");
  const head = make("summary");
  head.append(make("b", method.toUpperCase(), method), make("code", path), about.summary ?? "");
  const isPublic = (about.security ?? []).some((one) => Object.keys(one).length === 0);
  if (isPublic) head.append(make("span", " (no token)", "open"));
  box.append(head);
  box.addEventListener("toggle", () => {
    if (box.dataset.filled) return;
    box.dataset.filled = "yes";
    if (about.description) box.append(make("p", about.description));
    if (about.parameters?.length) {
      const table = make("table");
      for (const one of about.parameters) {
        const name = make("code", one.name + (one.required ? "" : "?"));
        row(table, name, one.in, outline(one.schema), one.description);
      }
      box.append(table);
    }
    bodies(box, "Body", about.requestBody?.content);
    for (const [status, response] of Object.entries(about.responses ?? {})) {
      if (status === "default") continue;
      box.append(make("h4", `${status} ${response.description}`));
      bodies(box, "Answer", response.content);
    }
  });
  return box;
};

const show = (description) => {
  schemas = description.components?.schemas ?? {};
  document.getElementById("title").textContent = description.info.title;
  document.getElementById("about").textContent = description.info.description ?? "";
  const groups = new Map();
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, about] of Object.entries(methods)) {
      if (!about.responses) continue;
      const tag = about.tags?.[0] ?? "other";
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operation(method, path, about));
    }
  }
  const main = document.getElementById("operations");
  main.replaceChildren();
  for (const [tag, boxes] of groups) {
    const section = make("section");
    section.append(make("h2", tag), ...boxes);
    main.append(section);
  }
  document.getElementById("find").addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase();
    for (const box of main.querySelectorAll("details")) {
      box.hidden = !box.querySelector("summary").textContent.toLowerCase().includes(wanted);
    }
  });
};

fetch("/api/v1/openapi.json")
  .then((answer) => answer.json())
  .then(show)
  .catch((error) => {
    document.getElementById("operations").textContent = `The description cannot be read: ${error}`;
  });
