"use strict";
(() => {
  const FIRST = 40;
  const data = JSON.parse(document.getElementById("drill-data").textContent);
  const form = document.getElementById("drill").elements;
  const table = document.getElementById("drill-table");
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  const said = document.getElementById("drill-said"), more = document.getElementById("drill-more");
  let by = 3, down = true, all = false;

  function fill(select, names, chosen) {
    select.replaceChildren(...names.map((name, i) => new Option(name, i, false, i === chosen)));
  }

  function open() {
    const set = data.datasets[form.dataset.value];
    fill(form.measure, set.measures, 0);
    fill(form.left, set.systems, set.pair[0]);
    fill(form.right, set.systems, set.pair[1]);
    show();
  }

  const print = (value) => value === null ? "" : value.toFixed(data.decimals);
  const signed = (value) => value === null ? "" : (value > 0 ? "+" : "") + print(value).replace("-", "\u2212");

  function rows() {
    const set = data.datasets[form.dataset.value], scores = set.scores[form.measure.value];
    const left = scores[form.left.value], right = scores[form.right.value];
    const value = (n) => n === null ? null : n / data.scale;
    return set.topics.map(([id, text], i) => {
      const a = value(left[i]), b = value(right[i]);
      return [text || id, a, b, a === null || b === null ? null : a - b, text ? id : ""];
    });
  }

  function compare(x, y) {
    if (by === 0) return x[0].localeCompare(y[0]);
    if (x[by] === null || y[by] === null) return (x[by] === null) - (y[by] === null);
    return x[by] - y[by];
  }

  function cell(text, numeric) {
    const td = document.createElement("td");
    td.textContent = text;
    if (numeric) td.className = "number";
    return td;
  }

  function line(row) {
    const tr = document.createElement("tr"), th = document.createElement("th");
    th.scope = "row";
    th.className = "topic";
    th.textContent = row[0];
    if (row[4]) {
      const id = document.createElement("small");
      id.textContent = row[4];
      th.append(document.createElement("br"), id);
    }
    tr.append(th, cell(print(row[1]), true), cell(print(row[2]), true), cell(signed(row[3]), true));
    return tr;
  }

  function show() {
    const every = rows(), words = form.text.value.toLowerCase();
    const found = every.filter((row) => `${row[0]} ${row[4]}`.toLowerCase().includes(words));
    found.sort((x, y) => compare(x, y) * (down ? -1 : 1));
    const count = (test) => found.filter((row) => row[3] !== null && test(row[3])).length;
    said.textContent = `${found.length} of ${every.length}: left is higher in ${count((d) => d > 1e-9)}, ` +
      `right in ${count((d) => d < -1e-9)}, equal in ${count((d) => Math.abs(d) <= 1e-9)}.`;
    body.replaceChildren(...(all ? found : found.slice(0, FIRST)).map(line));
    more.hidden = all || found.length <= FIRST;
    more.textContent = `Show all ${found.length}`;
    heads.forEach((head, i) => i === by
      ? head.setAttribute("aria-sort", down ? "descending" : "ascending") : head.removeAttribute("aria-sort"));
  }

  fill(form.dataset, Object.keys(data.datasets), 0);
  [...form.dataset.options].forEach((option) => { option.value = option.text; });
  form.dataset.addEventListener("change", open);
  for (const name of ["measure", "left", "right"]) form[name].addEventListener("change", show);
  form.text.addEventListener("input", show);
  document.getElementById("drill").addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => { all = true; show(); });
  heads.forEach((head, i) => head.querySelector("button").addEventListener("click", () => {
    down = i === by ? !down : i !== 0;
    by = i;
    show();
  }));
  addEventListener("beforeprint", () => { for (const d of document.querySelectorAll("details")) d.open = true; });
  open();
})();
