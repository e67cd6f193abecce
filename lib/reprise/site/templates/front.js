"use strict";
(() => {
  const form = document.getElementById("filters");
  const rows = [...document.querySelectorAll("#matrix tr.row")];
  const bodies = [...document.querySelectorAll("#matrix tbody")];
  const shown = document.getElementById("shown");
  const sources = [...form.elements.source.options].map((option) => option.value).filter(Boolean);

  function apply() {
    const paper = form.elements.paper.value, verdict = form.elements.verdict.value;
    const asked = form.elements.source.value ? [form.elements.source.value] : sources;
    let count = 0;
    for (const row of rows) {
      const found = asked.map((source) => row.getAttribute(`data-${source}`) || "");
      const fits = (!paper || row.dataset.paper === paper) &&
        (verdict ? found.includes(verdict) : !form.elements.source.value || found[0] !== "");
      row.hidden = !fits;
      count += fits;
    }
    for (const body of bodies) body.hidden = !body.querySelector("tr.row:not([hidden])");
    shown.textContent = `${count} of ${rows.length} claims`;
  }

  form.addEventListener("change", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
})();
