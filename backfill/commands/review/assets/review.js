// What the pages do beyond links and forms, which work without it. Nothing here judges: every change is a request.
"use strict";
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const said = document.getElementById("said");
const say = (text) => { said.textContent = ""; setTimeout(() => { said.textContent = text; }, 50); };
const money = (value, comma) => value.toLocaleString(comma ? "de-DE" : "en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

// A new screen puts the focus on its heading; one that is named in the address keeps its place.
const heading = document.querySelector("main h1");
if (heading && !location.hash && document.referrer.startsWith(location.origin)) heading.focus({ preventScroll: true });

// A number as the file writes it, or as it can only be read the other way; NaN for a text that is none.
const GROUPED = String.raw`[1-9]\d{0,2}(?<by>[OTHER'’\s])\d{3}(?:\k<by>\d{3})*`, INDIAN = String.raw`[1-9]\d?(?:,\d{2})+,\d{3}`;
const MARKED = {
  ",": new RegExp(String.raw`^(?<whole>\d*|${GROUPED.replace("OTHER", ".")})(?:,(?<part>\d*))?$`),
  ".": new RegExp(String.raw`^(?<whole>\d*|${GROUPED.replace("OTHER", ",")}|${INDIAN})(?:\.(?<part>\d*))?$`),
};
function read(text, comma) {
  const found = /^(?:[A-Z]{3}|\p{Sc})?\s*([-+−]?)\s*(?:\p{Sc}\s*)?([\d.,][\d.,'’\s]*?)\s*(?:[A-Z]{3}|\p{Sc})?$/iu.exec(text.trim());
  if (!found || !/\d/.test(found[2])) return NaN;
  const made = (comma ? [",", "."] : [".", ","]).map((mark) => MARKED[mark].exec(found[2])).find(Boolean);
  const value = made ? Number(`${made.groups.whole.replace(/\D/g, "") || 0}.${made.groups.part || 0}`) : NaN;
  return found[1] === "-" || found[1] === "−" ? -value : value;
}

// What counts: a number of the shop's, and where the difference may lie. Nothing of it leaves the browser.
function compare(field) {
  const out = document.getElementById(field.getAttribute("aria-describedby"));
  out.className = "diff";
  if (!field.value.trim()) { out.textContent = ""; return; }
  const comma = "comma" in field.dataset, theirs = read(field.value, comma), ours = Number(field.dataset.amount);
  const left = Number(field.dataset.left), mend = Number(field.dataset.mend);
  const off = theirs - ours, near = (value) => Math.abs(off - value) < 0.005;
  if (Number.isNaN(theirs)) out.textContent = "not a number";
  else if (near(0)) { out.textContent = "✓ the same"; out.className = "diff same"; }
  else if (left && near(left)) out.textContent = "just what is left out";
  else if (mend && near(mend)) out.textContent = "just what is to mend";
  else if (left && mend && near(left + mend)) out.textContent = "what is left out and to mend together";
  else out.textContent = `${money(Math.abs(off), comma)} ${off > 0 ? "more there" : "less there"}`;
}
for (const field of all(".says input")) field.addEventListener("input", () => compare(field));

// Columns: a choice is tried by its button, which is there once something else is chosen.
for (const form of all(".choose")) {
  const fields = all("select, input:not([type=hidden])", form), button = form.querySelector(".try");
  if (!button) continue;
  const said = (field) => field.type === "checkbox" ? field.checked : field.value, was = fields.map(said);
  const look = () => { button.hidden = fields.every((field, at) => said(field) === was[at]); };
  for (const field of fields) field.addEventListener("input", look);
  look();
}

// Hand over: a command goes to the clipboard, or is marked to be copied.
for (const part of all("[data-script]")) part.hidden = false;
for (const button of all("[data-copy]")) button.addEventListener("click", async () => {
  const text = document.getElementById(button.dataset.copy);
  try { await navigator.clipboard.writeText(text.textContent); say("Copied."); button.firstChild.textContent = "Copied"; }
  catch { getSelection().selectAllChildren(text); say("Marked; copy it with your browser."); }
});

// Mend: a cell is judged by the server when it is left or Enter is pressed. One request waits for the one before.
const table = document.querySelector("table.mend");
let waiting = Promise.resolve();
const queued = (job) => { waiting = waiting.then(job, job); return waiting; };

async function send(place, body, field = null) {
  const root = document.querySelector("#save").action.replace(/mend\/save$/, "");
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  let answer;
  try {
    answer = await fetch(root + place, { method: "POST", headers, body: JSON.stringify({ rev: table.dataset.rev, ...body }) });
  } catch {
    document.getElementById("lost").hidden = false;
    return null;
  }
  const found = await answer.json();
  if (!answer.ok) {
    say(found.sentence);
    show(field ? field.getAttribute("aria-describedby") : "bar", found.sentence);
    if (field) field.setAttribute("aria-invalid", "true");
    return null;
  }
  table.dataset.rev = found.rev;
  for (const field of all('input[name="rev"]')) field.value = found.rev;
  return found;
}
const show = (id, text) => { document.getElementById(id).textContent = text; };

function settle(order) {
  const row = document.getElementById(`o-${order.id}`);
  if (!row) return;
  const ready = order.state === "ready";
  row.classList.toggle("mended", ready);
  row.querySelector(".word").textContent = ready ? "✓ ready now" : "to mend";
  const fields = all(".fix", row);
  for (const field of fields) {
    const reason = order.cells[field.name] || "";
    document.getElementById(field.getAttribute("aria-describedby")).textContent = reason || (field.value !== field.dataset.was ? "changed" : "");
    if (reason) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
    choose(field, order.choices[field.name] || []);
  }
  const shown = fields.some((field) => order.cells[field.name]);
  row.querySelector(".about").textContent = ready || shown ? "" : order.says;
  row.querySelector(".ask").hidden = order.state !== "ask";
  row.querySelector(".ask .old").textContent = order.ask[0] || "";
}
function choose(field, choices) {  // the settings by which a cell could be read
  const links = choices.map(([setting, value, words]) => {
    const link = document.createElement(value ? "button" : "a");
    link.textContent = words;
    if (value) { link.setAttribute("form", `set-${setting}`); link.name = "value"; link.value = value; }
    else link.href = `columns#s-${setting}`;
    return link;
  });
  document.getElementById(field.getAttribute("aria-describedby")).nextElementSibling.replaceChildren(...links);
}
function settleAll(found) {
  for (const order of found.orders || []) settle(order);
  show("bar", found.bar);
  const save = document.querySelector("#save button");
  if (found.unsaved) save.removeAttribute("aria-disabled"); else save.setAttribute("aria-disabled", "true");
  const line = document.getElementById("verdict"), word = document.createElement("b");
  word.textContent = found.verdict[0];
  line.replaceChildren(word, ` ${found.verdict[1]}`);
  line.classList.toggle("good", found.verdict[2]);
  show("step-mend", found.left ? `${found.left} left` : "nothing left");
}
async function judge(field, more = {}) {
  if (field.value === field.dataset.sent && !more.take_key) return;
  field.dataset.sent = field.value;
  const place = field.closest("tr").id.slice(2);
  const found = await send(`mend/${place}`, { [field.name]: field.value, ...more }, field);
  if (!found) { field.dataset.sent = "\0"; return; }
  if (found.bar) settleAll(found);
  for (const old of all(".alike", field.parentElement)) old.remove();
  const order = (found.orders || [])[0];
  if (order) say(`${order.name}: ${order.says}. ${found.left} left.`);
  if (found.alike) offer(field, found.alike);
}
const later = (field, more) => queued(() => judge(field, more));

function offer(field, alike) {
  const box = document.createElement("span"), button = document.createElement("button");
  box.className = "alike";
  box.textContent = `${alike.orders === 1 ? "One more says" : `${alike.orders} more say`} “${alike.was}”. `;
  button.type = "button";
  button.textContent = "Write the same there";
  button.addEventListener("click", () => queued(async () => {
    const found = await send("mend/alike", { column: alike.column, was: alike.was, now: alike.now });
    if (!found) return;
    for (const order of found.orders) for (const other of all(".fix", document.getElementById(`o-${order.id}`) || box)) {
      if (other.name.endsWith(`|${alike.column}`)) other.value = other.dataset.sent = alike.now;
    }
    settleAll(found);
    box.remove();
    field.focus();
  }));
  box.append(button);
  field.parentElement.append(box);
}
async function reveal(button) {
  const cell = button.closest("td"), field = cell.querySelector(".fix"), place = button.closest("tr").id.slice(2);
  const root = document.querySelector("#save").action.replace(/mend\/save$/, "");
  const answer = await fetch(`${root}cell/${place}?cell=${encodeURIComponent(button.dataset.cell)}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  field.value = field.dataset.was = field.dataset.sent = (await answer.json()).text;
  button.closest(".veil").hidden = true;
  field.removeAttribute("placeholder");
  field.focus();
}
if (table) {
  const fields = () => all(".fix", table);
  for (const button of all(".check", table)) button.hidden = true;
  for (const field of fields()) {
    field.dataset.was = field.dataset.sent = field.value;
    field.addEventListener("change", () => later(field));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { field.value = field.dataset.was; later(field); say("Put back"); }
      if (event.key !== "Enter") return;
      event.preventDefault();
      later(field);
      if (event.ctrlKey || event.metaKey) return;
      const all_ = fields(), to = all_[all_.indexOf(field) + (event.shiftKey ? -1 : 1)];
      if (to) to.focus(); else document.querySelector("#save button").focus();
    });
  }
  for (const button of all(".reveal", table)) { button.hidden = false; button.addEventListener("click", () => reveal(button)); }
  for (const button of all(".take", table)) button.addEventListener("click", async (event) => {
    event.preventDefault();
    const field = button.closest("tr").querySelector(".fix");
    if (field) await later(field, { take_key: "yes" });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    document.querySelector("#save").requestSubmit();
  });
  document.querySelector("#save").addEventListener("submit", (event) => {
    event.preventDefault();
    queued(async () => {
      if (document.querySelector("#save button").getAttribute("aria-disabled")) { say(document.getElementById("bar").textContent); return; }
      const found = await send("mend/save", {});
      if (found) { settleAll(found); say(found.bar); }
    });
  });
}
