// What the pages do beyond links and forms, which work without it. Nothing here judges: every change is a request.
"use strict";
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const number = (text) => Number(String(text).replace(/[^0-9.-]/g, ""));
const money = (value) => value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

// A new screen puts the focus on its heading; one that is named in the address keeps its place.
const heading = document.querySelector("main h1");
if (heading && !location.hash && document.referrer.startsWith(location.origin)) heading.focus({ preventScroll: true });

// What counts: a number of the shop's, and where the difference may lie. Nothing of it leaves the browser.
function compare(field) {
  const out = document.getElementById(field.getAttribute("aria-describedby"));
  out.className = "diff";
  if (!field.value.trim()) { out.textContent = ""; return; }
  const theirs = number(field.value), ours = Number(field.dataset.amount);
  const left = Number(field.dataset.left), mend = Number(field.dataset.mend);
  const off = theirs - ours, near = (value) => Math.abs(off - value) < 0.005;
  if (Number.isNaN(theirs)) out.textContent = "not a number";
  else if (near(0)) { out.textContent = "✓ the same"; out.className = "diff same"; }
  else if (left && near(left)) out.textContent = "just what is left out";
  else if (mend && near(mend)) out.textContent = "just what is to mend";
  else if (left && mend && near(left + mend)) out.textContent = "what is left out and to mend together";
  else out.textContent = `${money(Math.abs(off))} ${off > 0 ? "more there" : "less there"}`;
}
for (const field of all(".says input")) field.addEventListener("input", () => compare(field));
