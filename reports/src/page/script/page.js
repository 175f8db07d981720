// The page: findings are opened one at a time, by hand or by the address.

const findings = [...document.querySelectorAll("details.finding")];
const pictures = new Map();
const choice = filters(document.querySelector("form.filters"), findings);

/** The picture of an open finding; null if it has none. */
function pictureOf(finding) {
  const make = async () => {
    await unfold(finding);
    return finding.querySelector("figure svg") === null ? null : new Picture(finding);
  };
  if (!pictures.has(finding)) pictures.set(finding, make());
  return pictures.get(finding);
}

/** Opens a finding, at a moment unless that is null. */
async function open(finding, at) {
  if (finding.hidden) choice.clear();
  finding.open = true;
  const picture = await pictureOf(finding);
  if (at === null) picture?.begin();
  else picture?.show(at);
  finding.scrollIntoView({ block: "start" });
}

/** Opens what the address names. */
function follow() {
  const { finding, at } = addressed();
  const numbered = findings.find((one) => one.dataset.number === finding);
  if (numbered !== undefined) return open(numbered, at);
  const named = document.getElementById(location.hash.slice(1));
  const holder = named?.closest("details");
  if (holder?.matches(".finding")) return open(holder, null);
  if (holder !== null && holder !== undefined) {
    holder.open = true;
    holder.scrollIntoView({ block: "start" });
  }
}

for (const finding of findings) {
  finding.addEventListener("toggle", async () => {
    if (!finding.open) return;
    const isNew = !pictures.has(finding);
    const picture = await pictureOf(finding);
    if (isNew) picture?.begin();
    if (finding.open && addressed().finding !== finding.dataset.number) address(finding.dataset.number, picture?.at ?? null);
  });
}

addEventListener("hashchange", follow);
follow();
for (const finding of findings.filter((one) => one.open && !pictures.has(one))) {
  pictureOf(finding).then((picture) => picture?.begin());
}
