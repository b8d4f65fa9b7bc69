
"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const table = find("map"), dialog = find("told"), line = find("line"), filter = find("filter");
  const bodies = [...table.tBodies], buttons = [...document.querySelectorAll(".count")];
  document.documentElement.classList.add("live");

  // What a cell is in words: its own label, or that of its row.
  const words = (cell) => {
    const row = cell.parentElement.querySelector(".state").getAttribute("aria-label");
    const own = cell.getAttribute("aria-label");
    if (cell.classList.contains("state")) return row;
    return row + " · " + (own || cell.textContent || "not returned");
  };

  // One cell at a time can be reached by Tab; arrows move from it.
  let current = null;
  const goTo = (cell, focus) => {
    if (!cell) return;
    if (current) current.tabIndex = -1;
    current = cell;
    cell.tabIndex = 0;
    if (focus) cell.focus();
  };
  const rows = () => bodies.filter((body) => !body.hidden).flatMap((body) => [...body.rows]);
  const cells = (row) => [...row.querySelectorAll("td")];
  const move = (down, right) => {
    const all = rows(), here = all.indexOf(current.parentElement);
    const column = cells(current.parentElement).indexOf(current);
    const row = all[Math.min(Math.max(here + down, 0), all.length - 1)];
    const there = cells(row);
    goTo(there[Math.min(Math.max(column + right, 0), there.length - 1)], true);
  };
  const far = 1e6;
  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
    PageUp: [-20, 0], PageDown: [20, 0], Home: [0, -far], End: [0, far] };

  const open = (cell) => {
    goTo(cell, true);
    const text = find("r" + cell.dataset.r).cloneNode(true);
    text.removeAttribute("id");
    find("told-text").replaceChildren(text);
    dialog.showModal();
  };
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td");
    if (!cell || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key in moves) move(...moves[event.key]);
    else if (event.key === "Enter" || event.key === " ") open(cell);
    else return;
    event.preventDefault();
  });
  table.addEventListener("click", (event) => {
    const cell = event.target.closest("td");
    if (cell) open(cell);
  });
  const say = (event) => {
    const cell = event.target.closest("td");
    if (cell) line.textContent = words(cell);
  };
  table.addEventListener("focusin", say);
  table.addEventListener("pointerover", say);
  find("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => current && current.focus());

  const show = () => {
    const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const pressed = buttons.filter((b) => b.getAttribute("aria-pressed") === "true")
      .map((b) => b.dataset.outcome.replaceAll(" ", "-"));
    let count = 0;
    for (const body of bodies) {
      const text = (body.dataset.text + " " + body.dataset.outcomes).toLowerCase();
      const ended = body.dataset.outcomes.split(" ");
      const right = wanted.every((word) => text.includes(word))
        && (!pressed.length || pressed.some((outcome) => ended.includes(outcome)));
      body.hidden = !right;
      count += right;
    }
    find("shown").textContent = count + " of " + bodies.length + " cases shown";
    if (!current || current.closest("tbody").hidden) {
      const first = rows()[0];
      goTo(first && first.querySelector("td"), false);
    }
  };
  filter.addEventListener("input", show);
  for (const button of buttons) button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    show();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || dialog.open || event.target === filter) return;
    filter.focus();
    event.preventDefault();
  });
  filter.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && current) { goTo(current, true); event.preventDefault(); }
  });
  show();
})();
