// SPDX-License-Identifier: Apache-2.0

/** What a run of specs has left out, so that its end says once for each reason what to install. */
export interface Skipped {
	/** The spec's file, as its reader finds it. */
	readonly file: string;
	readonly why: string | undefined;
}

/** A list by reason, with the files and their numbers of specs; nothing where all ran. */
export function notRun(skipped: readonly Skipped[]): string {
	const reasons = new Map<string, Map<string, number>>();
	for (const { file, why = "no reason is given" } of skipped) {
		const files = reasons.get(why) ?? new Map<string, number>();
		reasons.set(why, files.set(file, (files.get(file) ?? 0) + 1));
	}
	if (reasons.size === 0) return "";
	const lines = [...reasons].flatMap(([why, files]) => [
		`  ${why}`,
		...[...files].map(([file, count]) => `    ${count} in ${file}`),
	]);
	return `Not run:\n${lines.join("\n")}\n`;
}
