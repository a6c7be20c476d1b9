// SPDX-License-Identifier: Apache-2.0

/** A file's name for people. */
export function nameOf(path: string): string {
	return path === "-" ? "standard input" : path;
}
