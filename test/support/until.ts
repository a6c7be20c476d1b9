// SPDX-License-Identifier: Apache-2.0

/** Only what hangs takes so long, ms: no computer is so busy. */
export const HANGS_MS = 60_000;

/** Waits for what no event tells of. `told`: what the error says else. */
export async function until(what: string, met: () => boolean, told: () => string = () => ""): Promise<void> {
	for (const end = Date.now() + HANGS_MS; !met(); ) {
		if (Date.now() > end) throw new Error(`not in ${HANGS_MS} ms: ${what}\n${told()}`);
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}
