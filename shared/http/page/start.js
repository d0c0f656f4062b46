// The ten figures on the start page: the same answer that programs get, as a table and a funnel.
"use strict";
const section = document.getElementById("angka");
const token = document.getElementById("token");
const said = document.getElementById("said");
const places = JSON.parse(document.getElementById("places").textContent);
const STAGES = ["registered", "trained", "certified", "branded", "ready", "at_a_market", "sold", "earning_more"];

function cell(row, text, kind = "td") {
  const made = row.appendChild(document.createElement(kind));
  made.textContent = text;
  return made;
}

function english(parent, text) {
  const made = parent.appendChild(document.createElement("span"));
  made.lang = "en";
  made.textContent = ` ${text}`;
}

async function asked(language) {
  const year = document.getElementById("year").value;
  const headers = { Authorization: `Bearer ${token.value.trim()}`, "Accept-Language": language };
  const answer = await fetch(`${section.dataset.from}?year=${year}&as_of=${year}-12-31`, { headers });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail);
  return body;
}

function show(indonesian, inEnglish) {
  const figures = document.querySelector("#figures tbody");
  figures.replaceChildren();
  indonesian.figures.forEach((figure, number) => {
    const row = figures.insertRow();
    cell(row, figure.value);
    english(cell(row, figure.title), inEnglish.figures[number].title);
    english(cell(row, figure.definition), inEnglish.figures[number].definition);
  });
  const titles = Object.fromEntries(indonesian.figures.map((figure) => [figure.figure, figure.title]));
  const head = document.querySelector("#funnel thead");
  const body = document.querySelector("#funnel tbody");
  head.replaceChildren();
  body.replaceChildren();
  const first = head.insertRow();
  ["Kelurahan", ...STAGES.map((stage) => titles[stage])].forEach((title) => cell(first, title, "th"));
  for (const item of [...indonesian.items].sort((one, other) => other.registered - one.registered)) {
    const row = body.insertRow();
    cell(row, places[item.kelurahan] ?? item.kelurahan);
    for (const stage of STAGES) {
      const bar = document.createElement("span");
      bar.className = "bar";
      bar.style.width = `${Math.round(100 * item[stage] / Math.max(item.registered, 1))}%`;
      cell(row, item[stage]).append(item[stage] ? bar : "");
    }
  }
  said.textContent = `Keadaan per ${indonesian.as_of}.`;
}

async function ask() {
  if (!token.value.trim()) {
    said.textContent = "Tempel token di sini; `make env` mencetak satu untuk setiap peran. / Paste a token here.";
    return;
  }
  sessionStorage.setItem("token", token.value.trim());
  try {
    show(await asked("id"), await asked("en"));
  } catch (error) {
    said.textContent = error.message;
  }
}

section.hidden = !section.dataset.from;
token.value = sessionStorage.getItem("token") ?? "";
document.getElementById("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
if (!section.hidden && token.value) ask();
