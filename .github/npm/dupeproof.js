#!/usr/bin/env node
// Finds the program for this platform, sees that it is the one that was released, and runs it.
"use strict";

const { createHash } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { constants } = require("node:os");
const { spawn } = require("node:child_process");
const { programs, version } = require("./package.json");

function fail(message, hint) {
	console.error(`error: ${message}\nhint: ${hint}`);
	process.exit(2);
}

const platform = `${process.platform}-${process.arch}`;
const known = Object.hasOwn(programs, platform);
if (!known) {
	const names = Object.keys(programs).join(", ");
	fail(`there is no dupeproof ${version} for ${platform}, only for ${names}`, "build it from its source, with Rust");
}
const { sha256, file } = programs[platform];

let path;
try {
	path = require.resolve(`dupeproof-${platform}/${file}`);
} catch {
	fail(`the package dupeproof-${platform} is not installed`, "install dupeproof again, without --omit=optional");
}
const found = createHash("sha256").update(readFileSync(path)).digest("hex");
if (found !== sha256) {
	fail(`${path} is not the program of dupeproof ${version}: its SHA-256 is ${found}`, "install dupeproof again");
}

const child = spawn(path, process.argv.slice(2), { stdio: "inherit" });
child.on("error", (error) => fail(`${path} could not be run: ${error.message}`, "install dupeproof again"));
// A terminal sends SIGINT to both: a second one would end the run at once.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) {
	process.on(signal, () => child.kill(signal));
}
child.on("close", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
