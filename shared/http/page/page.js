"use strict";
// Reads /openapi.json and makes it a page to read and to try. No library, no other host.

const WORDS = {
  id: {
    skip: "Langsung ke daftar rute", token: "Token", other: "English", send: "Kirim", copy: "Salin",
    copied: "Tersalin", again: "Ulangi dengan kunci yang sama", roles: "Peran", body: "Isi",
    parameters: "Alamat dan kepala", answer: "Jawaban", refusals: "Yang dapat ditolak", fields: "Isian",
    field: "Isian", kind: "Jenis", meaning: "Arti dan batas", status: "Status", code: "Kode",
    reason: "Kalimat", line: "Baris perintah", required: "wajib", subtitle: "Baca dan coba setiap rute",
    noToken: "Tempel token di sini; `make env` mencetak satu untuk setiap peran.",
    badToken: "Ini bukan token JWT.", expired: "sudah kedaluwarsa", until: "berlaku sampai",
    everywhere: "semua wilayah", holes: "Isi dulu bagian dalam kurung {…}.", took: "dalam",
    failed: "Layanan tidak menjawab.", badJson: "Isi bukan JSON yang sah.", asRole: "contoh untuk peran",
    unreadable: "Uraian /openapi.json tidak terbaca.", anew: "Contoh baru",
  },
  en: {
    skip: "Skip to the routes", token: "Token", other: "Bahasa Indonesia", send: "Send", copy: "Copy",
    copied: "Copied", again: "Repeat with the same key", roles: "Roles", body: "Body",
    parameters: "Address and headers", answer: "Answer", refusals: "What it may refuse", fields: "Fields",
    field: "Field", kind: "Type", meaning: "Meaning and limits", status: "Status", code: "Code",
    reason: "Sentence", line: "Command line", required: "required", subtitle: "Read and try every route",
    noToken: "Paste a token here; `make env` prints one for every role.",
    badToken: "This is no JWT.", expired: "has expired", until: "valid until",
    everywhere: "all areas", holes: "Fill in the parts in braces {…} first.", took: "in",
    failed: "The service doesn't answer.", badJson: "The body is not valid JSON.", asRole: "example for role",
    unreadable: "The description /openapi.json can't be read.", anew: "New example",
  },
};

let language = localStorage.getItem("language") === "en" ? "en" : "id";
let api = null;
let refills = [];
const token = document.getElementById("token");
const say = (word) => WORDS[language][word];

function make(tag, properties = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...inside.filter((part) => part !== null && part !== undefined));
  return element;
}

// Who the token says one is. Only shown: the service checks it, this page doesn't.
function identity() {
  const text = token.value.trim();
  if (!text) return { sentence: say("noToken"), roles: [] };
  try {
    const part = text.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const claims = JSON.parse(atob(part));
    const until = new Date(claims.exp * 1000);
    const areas = claims.areas.includes("*") ? say("everywhere") : claims.areas.join(", ");
    const time = until < new Date() ? say("expired")
      : `${say("until")} ${until.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" })}`;
    return { sentence: `${claims.sub}: ${claims.roles.join(", ")} · ${areas} · ${time}`, roles: claims.roles };
  } catch {
    return { sentence: say("badToken"), roles: [] };
  }
}

function showIdentity() {
  const { sentence, roles } = identity();
  document.getElementById("identity").textContent = sentence;
  for (const chip of document.querySelectorAll(".roles li")) {
    chip.classList.toggle("mine", roles.includes(chip.textContent));
  }
}

function operations() {
  return Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
}

const summaryOf = (operation) => language === "en" ? operation["x-summary-en"] : operation.summary;
const named = (schema) => schema && schema.$ref ? api.components.schemas[schema.$ref.split("/").pop()] : schema;

function show() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  document.getElementById("language").textContent = say("other");
  document.getElementById("subtitle").textContent = say("subtitle");
  document.getElementById("title").textContent = api.info.title;
  document.title = api.info.title;
  const contents = document.getElementById("contents");
  const routes = document.getElementById("routes");
  contents.replaceChildren();
  routes.replaceChildren();
  refills = [];
  let tag = null;
  for (const { path, method, operation } of operations()) {
    if (operation.tags[0] !== tag) {
      tag = operation.tags[0];
      contents.append(make("li", {}, make("strong", { textContent: tag })));
    }
    contents.append(make("li", {}, make("a", { href: `#${operation.operationId}` },
      badge(method), summaryOf(operation))));
    routes.append(article(path, method, operation));
  }
  showIdentity();
}

const badge = (method) => make("span", { className: `method ${method}`, textContent: method.toUpperCase() });

function article(path, method, operation) {
  const form = request(path, method, operation);
  return make("article", { id: operation.operationId },
    make("h2", { textContent: summaryOf(operation) }),
    make("p", { className: "address" }, badge(method), path),
    make("ul", { className: "roles", ariaLabel: say("roles") },
      ...operation["x-roles"].map((role) => make("li", { textContent: role }))),
    make("p", { className: "reach", }, ...worded(operation["x-reach"][language])),
    form, bodyFields(operation), refusals(operation));
}

// `code` in a sentence, as an element.
const worded = (text) => text.split("`").map((part, n) => n % 2 ? make("code", { textContent: part }) : part);

// randomUUID exists only where the page came by https or from this machine.
function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Examples name rows that are there; after a change others may be, so untouched forms follow.
async function refresh(only) {
  api = await (await fetch("openapi.json")).json();
  for (const refill of refills) if (!only || refill === only) refill(refill === only);
}

// The request as it will be sent: every part can be changed, and the curl line follows.
function request(path, method, operation) {
  const example = operation["x-example"];
  let touched = false;
  const id = (name) => `${operation.operationId}-${name}`;
  const address = make("input", { id: id("address"), value: example.path, spellcheck: false });
  const inputs = [[`${method.toUpperCase()}`, address]];
  const match = example.if_match ? make("input", { id: id("match"), value: example.if_match }) : null;
  if (match) inputs.push(["If-Match", match]);
  const keyed = operation.parameters.some((parameter) => parameter.name === "Idempotency-Key");
  const key = keyed ? make("input", { id: id("key"), value: newKey() }) : null;
  if (key) inputs.push(["Idempotency-Key", key]);
  const body = operation.requestBody
    ? make("textarea", { id: id("body"), spellcheck: false, value: JSON.stringify(example.body ?? {}, null, 2) }) : null;
  if (body) body.rows = Math.min(24, body.value.split("\n").length + 1);
  const result = make("div", { className: "result", ariaLive: "polite" });
  const curl = make("pre", {});
  const wanted = () => ({ method: method.toUpperCase(), path: address.value, match: match?.value, key: key?.value, kind: example.content_type, body: body?.value });
  const follow = () => { curl.textContent = curlLine(wanted()); };
  const go = async (event, fresh = true) => {
    event.preventDefault();
    if (key && fresh && key.dataset.used) key.value = newKey();
    if (key) key.dataset.used = "yes";
    follow();
    button.disabled = true;
    const done = await send(wanted(), result);
    button.disabled = false;
    touched = true;
    if (done && method === "post") await refresh();
  };
  const refill = (always) => {
    if (touched && !always) return;
    const now = api.paths[path][method]["x-example"];
    address.value = now.path;
    if (match) match.value = now.if_match;
    if (body) body.value = JSON.stringify(now.body ?? {}, null, 2);
    if (key) key.value = newKey();
    touched = false;
    follow();
  };
  refills.push(refill);
  const button = make("button", { className: "send", type: "submit", textContent: say("send") });
  const form = make("form", { onsubmit: go, oninput: () => { touched = true; follow(); } },
    make("h3", { textContent: say("parameters") }),
    make("div", { className: "fields" }, ...inputs.flatMap(([name, input]) =>
      [make("label", { htmlFor: input.id, textContent: name }), input])),
    body ? make("h3", {}, make("label", { htmlFor: body.id, textContent: say("body") })) : null, body,
    make("div", { className: "act" }, button,
      key ? make("button", { type: "button", textContent: say("again"), onclick: (event) => go(event, false) }) : null,
      make("button", { type: "button", textContent: say("anew"), onclick: () => refresh(refill) }),
      make("span", { className: "hint", textContent: `${say("asRole")} ${example.role} ${example.office ?? ""}` })),
    result,
    make("details", {}, make("summary", { textContent: "curl" }), curl,
      make("div", { className: "act" }, copier(curl))));
  follow();
  return form;
}

function copier(source) {
  const button = make("button", { type: "button", textContent: say("copy"), onclick: async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = say("copied");
    } catch {
      getSelection().selectAllChildren(source);
    }
  } });
  return button;
}

// Behind a gateway the service's paths begin with what stands before /docs here.
const before = location.pathname.replace(/\/docs$/, "");

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

function curlLine({ method, path, match, key, kind, body }) {
  const parts = [`curl -i -X ${method} ${quoted(location.origin + before + path)}`, `-H "Authorization: Bearer $TOKEN"`];
  if (key) parts.push(`-H ${quoted(`Idempotency-Key: ${key}`)}`);
  if (match) parts.push(`-H ${quoted(`If-Match: ${match}`)}`);
  if (body !== undefined) {
    parts.push(`-H 'Content-Type: ${kind}'`);
    let one = body;
    try { one = JSON.stringify(JSON.parse(body)); } catch { /* shown as it is */ }
    parts.push(`-d ${quoted(one)}`);
  }
  return parts.join(" \\\n  ");
}

async function send({ method, path, match, key, kind, body }, result) {
  const complain = (sentence) => {
    result.replaceChildren(make("p", { className: "status no", textContent: sentence }));
    return false;
  };
  if (/\{\w+\}/.test(path + (body ?? ""))) return complain(say("holes"));
  const headers = { "Accept-Language": language };
  if (token.value.trim()) headers.Authorization = `Bearer ${token.value.trim()}`;
  if (key) headers["Idempotency-Key"] = key;
  if (match) headers["If-Match"] = match;
  if (body !== undefined) {
    try { JSON.parse(body); } catch { return complain(say("badJson")); }
    headers["Content-Type"] = kind;
  }
  const started = performance.now();
  try {
    const answer = await fetch(before + path, { method, headers, body });
    const text = await answer.text();
    showAnswer(result, answer, text, Math.round(performance.now() - started));
    return answer.ok;
  } catch {
    return complain(say("failed"));
  }
}

function showAnswer(result, answer, text, milliseconds) {
  let pretty = text;
  try { pretty = JSON.stringify(JSON.parse(text), null, 2); } catch { /* shown as it is */ }
  const told = ["ETag", "Location", "Link", "Retry-After", "Idempotency-Replayed", "X-Correlation-ID"]
    .filter((name) => answer.headers.has(name)).map((name) => `${name}: ${answer.headers.get(name)}`);
  result.replaceChildren(
    make("p", { className: answer.ok ? "status" : "status no",
      textContent: `${answer.status} ${say("took")} ${milliseconds} ms` }),
    make("pre", { textContent: `${told.join("\n")}\n\n${pretty}` }));
}

function bodyFields(operation) {
  if (!operation.requestBody) return null;
  const rows = [...fieldRows(Object.values(operation.requestBody.content)[0].schema, "", 0)];
  return make("details", {}, make("summary", { textContent: say("fields") }), table(
    [say("field"), say("kind"), say("meaning")],
    rows.map(({ name, required, schema, kind }) => [
      make("span", {}, make("code", { textContent: name }), required ? make("span", { className: "need", textContent: " *", title: say("required") }) : null),
      kind, [schema.description, limits(schema)].filter(Boolean).join(" "),
    ])));
}

function* fieldRows(reference, prefix, depth) {
  const schema = named(reference);
  if (!schema || depth > 4) return;
  for (const [name, raw] of Object.entries(schema.properties ?? {})) {
    const field = plain(raw);
    const inner = named(field.type === "array" ? plain(field.items) : field);
    const place = `${prefix}${name}${field.type === "array" ? "[]" : ""}`;
    yield { name: place, required: (schema.required ?? []).includes(name), schema: { ...inner, ...raw, enum: inner.enum }, kind: kindOf(field, inner) };
    if (inner.properties) yield* fieldRows(inner, `${place}.`, depth + 1);
  }
}

// A field that may be null is shown as what it is otherwise.
function plain(schema) {
  const choices = (schema?.anyOf ?? []).filter((choice) => choice.type !== "null");
  return choices.length ? { ...schema, ...choices[0] } : schema ?? {};
}

const kindOf = (field, inner) => field.type === "array"
  ? `${inner.format ?? inner.type ?? ""} []` : inner.format ?? inner.type ?? "string";

function limits(schema) {
  const source = plain(schema);
  const found = [];
  if (source.enum) found.push(source.enum.join(" | "));
  if (source.const !== undefined) found.push(source.const);
  if (source.minimum !== undefined) found.push(`≥ ${source.minimum}`);
  if (source.maximum !== undefined) found.push(`≤ ${source.maximum}`);
  if (source.minLength) found.push(`≥ ${source.minLength}`);
  if (source.maxLength) found.push(`≤ ${source.maxLength}`);
  if (source.pattern) found.push(source.pattern);
  return found.join(" · ");
}

// A problem's `type` is /docs#its-code: the first place on the page that explains it.
function codeOf(code) {
  const known = document.getElementById(code);
  return make("code", known ? { textContent: code } : { textContent: code, id: code });
}

function follow() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const folded = target.closest("details");
  if (folded) folded.open = true;
  target.scrollIntoView();
}

function refusals(operation) {
  const edge = Object.entries(operation.responses).filter(([status]) => status >= 400).flatMap(([status, response]) =>
    Object.keys(response.content["application/problem+json"].examples).filter((name) => name.endsWith(`.${language}`))
      .map((name) => api.components.examples[name].value)
      .map((problem) => [status, codeOf(problem.code), problem.detail]));
  return make("details", {}, make("summary", { textContent: say("refusals") }),
    table([say("status"), say("code"), say("reason")], edge));
}

function table(heads, rows) {
  return make("div", { className: "scroll" }, make("table", {},
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col", textContent: head })))),
    make("tbody", {}, ...rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell)))))));
}

document.getElementById("language").addEventListener("click", () => {
  language = language === "id" ? "en" : "id";
  localStorage.setItem("language", language);
  show();
});
addEventListener("hashchange", follow);
document.getElementById("who").addEventListener("submit", (event) => event.preventDefault());
token.value = sessionStorage.getItem("token") ?? "";
token.addEventListener("input", () => {
  sessionStorage.setItem("token", token.value.trim());
  showIdentity();
});

fetch("openapi.json").then((answer) => answer.json()).then((document_) => {
  api = document_;
  show();
  follow();
}).catch(() => {
  document.getElementById("routes").textContent = say("unreadable");
});
