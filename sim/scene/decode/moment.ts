// SPDX-License-Identifier: Apache-2.0

/** Seconds since 1970 as people read them, in UTC; a small number is a time since something else. */
export function moment(seconds: number): string {
	if (seconds < 1e9 || seconds >= 2 ** 33) return `${seconds} s`;
	return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}
