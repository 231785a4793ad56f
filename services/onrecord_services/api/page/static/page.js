// Looks for news now and then, only while somebody looks at the page, and never under a reader's hand.
"use strict";

const EVERY_MS = 10000;

async function refresh() {
  const reads = document.getSelection().toString() !== "" || document.activeElement?.closest("main");
  if (document.hidden || reads) return;
  let text;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    text = await answer.text();
  } catch {
    return; // away: the page says as of when it is
  }
  const fresh = new DOMParser().parseFromString(text, "text/html");
  const position = fresh.getElementById("position");
  if (!position) return location.reload(); // signed out
  const now = fresh.getElementById("watermark")?.textContent;
  if (now === document.getElementById("watermark")?.textContent) return;
  document.querySelector("header").replaceWith(fresh.querySelector("header"));
  document.getElementById("main").replaceWith(fresh.getElementById("main"));
}

setInterval(refresh, EVERY_MS);
document.addEventListener("visibilitychange", refresh);
