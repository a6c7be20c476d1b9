// SPDX-License-Identifier: Apache-2.0

/** Sources of Debian packages, for what is built for a microcontroller. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Library {
	readonly include: string;
	readonly library: string;
}

/** apt with lists of its own under `cache`: the system's need no `deb-src` line. */
function apt(cache: string, into: string, ...command: string[]): void {
	const release = readFileSync("/etc/os-release", "utf8");
	const codename = /^VERSION_CODENAME=(\w+)/m.exec(release)?.[1];
	if (!codename) throw new Error("source packages are fetched on Debian only");
	const folder = join(cache, "apt");
	mkdirSync(join(folder, "lists/partial"), { recursive: true });
	const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
	writeFileSync(
		join(folder, "src.list"),
		`deb-src [signed-by=${keyring}] http://deb.debian.org/debian ${codename} main\n`,
	);
	const options = [
		`Dir::Etc::sourcelist=${join(folder, "src.list")}`,
		"Dir::Etc::sourceparts=-",
		`Dir::State::lists=${join(folder, "lists")}`,
		"Dir::Cache::pkgcache=",
		"Dir::Cache::srcpkgcache=",
	].flatMap((option) => ["-o", option]);
	const run = (...args: string[]): void => {
		execFileSync("apt-get", [...options, "-qq", ...args], {
			cwd: into,
			stdio: ["ignore", "ignore", "inherit"],
		});
	};
	if (readdirSync(join(folder, "lists")).every((name) => !name.endsWith("_Sources"))) run("update");
	run(...command);
}

/** Fetches and unpacks the upstream source of package `name` once, under `cache`; where it is. */
export function debianSource(cache: string, name: string): string {
	const folder = join(cache, name);
	const tree = join(folder, "source");
	if (existsSync(tree)) return tree;
	mkdirSync(folder, { recursive: true });
	const archive = (): string | undefined =>
		readdirSync(folder).find((file) => file.startsWith(`${name}_`) && /\.orig\.tar\.[gx]z$/.test(file));
	if (!archive()) apt(cache, folder, "source", "--download-only", name);
	const got = archive();
	if (!got) throw new Error(`apt-get source ${name} gave no source archive`);
	const unpacking = join(folder, "unpacking");
	mkdirSync(unpacking, { recursive: true });
	execFileSync("tar", ["-xf", join(folder, got), "-C", unpacking, "--strip-components=1"]);
	renameSync(unpacking, tree);
	return tree;
}
