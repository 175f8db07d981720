// What was packed, since it is too much for one page.

const blocks = new Map();

/** The parts of a block. */
function block(number) {
  if (!blocks.has(number)) blocks.set(number, unpack(document.getElementById(`block-${number}`).content.textContent));
  return blocks.get(number);
}

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return (await new Response(stream).text()).split("\0");
}

/** Puts the picture and the story of a finding in their place, if they are packed. */
async function unfold(finding) {
  const packed = finding.querySelector(".packed");
  if (packed === null) return;
  const parts = await block(packed.dataset.block);
  const template = document.createElement("template");
  template.innerHTML = parts[packed.dataset.place];
  packed.replaceWith(template.content);
}

