// What chooses among the findings.

/** Shows the controls, and only those findings that they choose. */
function filters(form, findings) {
  const output = form.querySelector("output");
  const none = document.querySelector(".none");
  const texts = new Map();
  const textOf = (finding) => {
    if (!texts.has(finding)) texts.set(finding, finding.textContent.toLowerCase());
    return texts.get(finding);
  };
  const choose = () => {
    const wanted = Object.fromEntries(new FormData(form));
    const words = wanted.text.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const isChosen = (finding) =>
      (wanted.kind === "" || finding.dataset.kind === wanted.kind) &&
      (wanted.factor === "" || finding.dataset.factors.split(" ").includes(wanted.factor)) &&
      (wanted.evidence === "" || finding.dataset.evidence === wanted.evidence) &&
      words.every((word) => textOf(finding).includes(word));
    for (const finding of findings) finding.hidden = !isChosen(finding);
    const shown = findings.filter((finding) => !finding.hidden).length;
    const all = findings.length === 1 ? "1 finding" : `${findings.length} findings`;
    output.textContent = shown === findings.length ? all : `${shown} of ${all}`;
    none.hidden = shown > 0;
  };
  form.addEventListener("input", choose);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  choose();
  return { clear: () => (form.reset(), choose()) };
}

