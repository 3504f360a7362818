"use strict";
(() => {
  const table = document.querySelector("#secrets table");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const search = document.getElementById("search");
  const show = document.getElementById("show");
  const count = document.getElementById("count");
  let open = null;

  const close = () => {
    if (!open) return;
    open.button.setAttribute("aria-expanded", "false");
    open.detail.remove();
    open = null;
  };
  const toggle = (button) => {
    const was = open && open.button === button;
    close();
    if (was) return;
    const row = button.closest("tr");
    const detail = document.createElement("tr");
    const cell = detail.insertCell();
    detail.className = "detail";
    cell.colSpan = row.cells.length;
    cell.append(row.querySelector("template").content.cloneNode(true));
    row.after(detail);
    button.setAttribute("aria-expanded", "true");
    open = { button, detail };
  };
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    close();
    for (const row of rows) {
      const kind = show.value;
      const isKind = !kind || (kind === "unread" ? row.hasAttribute("data-unread") : row.className === kind);
      const isFound = isKind && words.every((word) => texts.get(row).includes(word));
      row.hidden = !isFound;
      if (isFound) left += 1;
    }
    count.textContent = `${left} of ${rows.length}`;
  };
  const sort = (head, column) => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    const order = new Intl.Collator("en", { numeric: true }).compare;
    const key = (row) => (column === 0 ? ["wrong", "undecided", "fine"].indexOf(row.className) + "" : row.cells[column].textContent.trim());
    const keys = new Map(rows.map((row) => [row, key(row)]));
    close();
    rows.sort((a, b) => (up ? 1 : -1) * order(keys.get(a), keys.get(b)));
    body.append(...rows);
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
  };
  const step = (from, by) => {
    const shown = rows.filter((row) => !row.hidden);
    const row = from.closest("tr");
    const at = shown.indexOf(row.className === "detail" ? row.previousElementSibling : row);
    const next = shown[at + by];
    if (next) next.querySelector("button").focus();
  };

  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(head, column));
    head.replaceChildren(button);
  });
  body.addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (!row || row.className === "detail" || String(getSelection())) return;
    toggle(row.querySelector("button"));
  });
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    const isTyping = target.matches("input, select");
    if (event.key === "/" && !isTyping) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape") {
      if (open) {
        const { button } = open;
        close();
        button.focus();
      }
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && body.contains(target)) {
      event.preventDefault();
      step(target, event.key === "ArrowDown" ? 1 : -1);
    }
  });
  search.addEventListener("input", filter);
  show.addEventListener("change", filter);
  const form = document.getElementById("controls");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
})();
