// Makes the packages for npm from the archives of a release: node pack.mjs ARCHIVES OUT
// One for each platform carries its program. The package `dupeproof` depends on all of them, of which npm installs the one that
// fits, and knows the checksum of each.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const [archives, out] = process.argv.slice(2);
if (!out) {
	console.error("usage: node pack.mjs ARCHIVES OUT");
	process.exit(2);
}
const version = /^version = "(.*)"$/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8"))[1];

// The names of archives, and of npm's platforms.
const PLATFORMS = [
	["linux-x86_64", "linux", "x64"],
	["linux-aarch64", "linux", "arm64"],
	["macos-x86_64", "darwin", "x64"],
	["macos-aarch64", "darwin", "arm64"],
	["windows-x86_64", "win32", "x64"],
];

const shared = {
	version,
	description: "Finds out, before players do, whether a game's player data can be duplicated or lost",
	license: "MIT OR Apache-2.0",
	keywords: ["roblox", "datastore", "luau", "testing", "simulation"],
};

function write(folder, manifest) {
	writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, "\t")}\n`);
	return execFileSync("npm", ["pack", "--silent", "--pack-destination", out], { cwd: folder, encoding: "utf8" }).trim();
}

function platformPackage([label, os, cpu]) {
	const archive = join(archives, `dupeproof-${version}-${label}.zip`);
	if (!existsSync(archive)) {
		return undefined;
	}
	const file = os === "win32" ? "dupeproof.exe" : "dupeproof";
	const name = `dupeproof-${os}-${cpu}`;
	const folder = join(out, name);
	mkdirSync(folder);
	execFileSync("unzip", ["-q", archive, "-d", folder]);
	cpSync(join(folder, "man"), join(out, "man"), { recursive: true });
	const sha256 = createHash("sha256").update(readFileSync(join(folder, file))).digest("hex");
	// Built against the C library of GNU.
	const libc = os === "linux" ? { libc: ["glibc"] } : {};
	console.log(write(folder, { name, ...shared, os: [os], cpu: [cpu], ...libc }));
	rmSync(folder, { recursive: true });
	return [`${os}-${cpu}`, { sha256, file }];
}

mkdirSync(out, { recursive: true });
const programs = Object.fromEntries(PLATFORMS.map(platformPackage).filter(Boolean));
if (Object.keys(programs).length === 0) {
	console.error(`error: there is no archive of version ${version} in ${archives}`);
	process.exit(2);
}
const folder = join(out, "dupeproof");
mkdirSync(folder);
cpSync(join(here, "dupeproof.js"), join(folder, "dupeproof.js"));
for (const name of ["README.md", "LICENSE-MIT", "LICENSE-APACHE"]) {
	cpSync(join(root, name), join(folder, name));
}
// The same for every platform: the shell's `man` finds those of the package that is asked for.
renameSync(join(out, "man"), join(folder, "man"));
console.log(
	write(folder, {
		name: "dupeproof",
		...shared,
		bin: { dupeproof: "dupeproof.js" },
		man: readdirSync(join(folder, "man", "man1")).map((page) => `man/man1/${page}`),
		engines: { node: ">=18" },
		optionalDependencies: Object.fromEntries(Object.keys(programs).map((name) => [`dupeproof-${name}`, version])),
		programs,
	}),
);
rmSync(folder, { recursive: true });
