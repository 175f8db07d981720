// A moment of a finding, as the address names it: `#finding=3&t=33.0`, with the time in seconds.

/** What the address names: the finding's number and microseconds since its run began, each null if it is not there. */
function addressed() {
  const named = new URLSearchParams(location.hash.slice(1));
  const [finding, seconds] = ["finding", "t"].map((name) => named.get(name));
  const at = seconds === null || seconds === "" ? NaN : Number(seconds);
  return { finding, at: Number.isFinite(at) ? at * 1e6 : null };
}

/** Names a finding, and a moment of it unless that is null, in the address, without a new entry in the history. */
function address(finding, at) {
  const moment = at === null ? "" : `&t=${at / 1e6}`;
  history.replaceState(null, "", `#finding=${finding}${moment}`);
}

/** `33.012 s`, as the story says it. */
function told(at) {
  const seconds = Math.floor(at / 1e3) / 1e3;
  return `${seconds.toLocaleString("en-US", { minimumFractionDigits: 3 })} s`;
}

