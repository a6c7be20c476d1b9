// SPDX-License-Identifier: Apache-2.0

import { Failure } from "./failure.js";

/** Refuses a key that was given in place of the name of its file. */
export function refuseInline(key: string | undefined): void {
	if (key === undefined || !/^[0-9a-f]{64,}$/i.test(key)) return;
	throw new Failure(
		"usage",
		"key-on-command-line",
		"a key was given on the command line, where others see it and shells remember it",
		"Give --site-key the name of its file, or - for standard input. Make a new key if this one was real.",
	);
}
