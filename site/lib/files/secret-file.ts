// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from "node:child_process";
import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { createFile, refuseExisting, replaceFile } from "./create-file.js";
import { Failure } from "./failure.js";

/** What the folders of version control systems keep at the top of a checkout. */
const REPOSITORIES = [".git", ".hg", ".svn", ".jj", "_darcs", ".fslckout"] as const;

/**
 * Creates a file for its owner alone, which must not exist yet. Refuses a folder under version control that would take the
 * file along: who clones it later has every door's key. Throws `Failure`.
 */
export function createSecret(path: string, content: string): void {
	refuseInCheckout(path);
	createFile(path, content, 0o600);
}

/**
 * Puts `content` in place of a secret file. After a power cut there is the old one or the new one. `check`: as of `replaceFile`.
 * Throws `Failure`.
 */
export function replaceSecret(path: string, content: string, check?: () => void): void {
	refuseInCheckout(realpathSync(path));
	replaceFile(path, content, { mode: 0o600, ...(check && { check }) });
}

/** Refuses a name at which no new secret can be created, for commands that ask a person before they write. Throws `Failure`. */
export function refuseSecret(path: string): void {
	refuseExisting(path);
	statSync(dirname(path));
	refuseInCheckout(path);
}

function refuseInCheckout(path: string): void {
	const folder = dirname(resolve(path));
	const found = checkoutOf(folder);
	if (found === undefined) return;
	const [top, kind] = found;
	// A working copy of Jujutsu beside Git is ignored by Git's rules.
	const why =
		kind === ".git" ? notIgnored(folder, basename(path)) : "which lintel cannot ask what it ignores";
	if (why === undefined) return;
	throw new Failure(
		"input",
		"version-control",
		`${path} is a secret, and ${top} is under version control (${kind.replace(/^[._]/, "")}), ${why}`,
		`Keep it elsewhere (--out), or add ${basename(path)} to .gitignore first.`,
	);
}

/** The checkout that a folder is in, and what says so. */
function checkoutOf(folder: string): readonly [top: string, kind: string] | undefined {
	const kind = REPOSITORIES.find((name) => existsSync(join(folder, name)));
	if (kind !== undefined) return [folder, kind];
	const above = dirname(folder);
	return above === folder ? undefined : checkoutOf(above);
}

/** Why Git would take the file along; `undefined` where it ignores it. */
function notIgnored(folder: string, name: string): string | undefined {
	// Where it is, not where a hook's environment says.
	const { GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE, ...env } = process.env;
	const { status, error } = spawnSync("git", ["check-ignore", "--quiet", "--", name], { cwd: folder, env });
	if (error !== undefined) return "and there is no git to ask whether it ignores the file";
	if (status === 0) return undefined;
	return status === 1 ? "which does not ignore it" : "and git does not say whether it ignores the file";
}
