// SPDX-License-Identifier: Apache-2.0

/** What docs/DESIGN.md ("What is not proved yet") leaves open, and what a self-test says of each. */
import type { SelfTestResult } from "../protocol/provisioning/messages.js";
import type { SelfTestPart } from "../protocol/provisioning/tests.js";

export interface Findings {
	readonly parts: { readonly [part in SelfTestPart]?: SelfTestResult };
	/** Whether opening the port again started the reader anew; absent where that was not tried. */
	readonly portResets?: boolean | undefined;
}

/** `by-hand`: no program can tell; the step of docs/BRINGUP.md that does is in `says`. */
export interface Answer {
	readonly answer: "yes" | "no" | "not-tried" | "by-hand";
	readonly says: string;
}

function step(number: number): Answer {
	return { answer: "by-hand", says: `step ${number} of docs/BRINGUP.md` };
}

function answered(good: boolean | null | undefined, says: string): Answer {
	return { answer: good === true ? "yes" : good === false ? "no" : "not-tried", says };
}

/** How a part went; several: no where one failed, not-tried where one was not tried. */
function all(parts: Findings["parts"], ...names: readonly SelfTestPart[]): Answer {
	const results = names.map((name) => parts[name]?.passed);
	const good = results.includes(false) ? false : results.every((passed) => passed === true) ? true : null;
	return answered(good, names.map((name) => `${name}: ${parts[name]?.detail ?? "not tried"}`).join("; "));
}

function number(result: SelfTestResult | undefined, name: string): number {
	const figure = result?.figures[name];
	return typeof figure === "number" ? figure : 0;
}

/** By the words with which each line of DESIGN.md begins. */
export const UNPROVED: Readonly<Record<string, (findings: Findings) => Answer>> = Object.freeze({
	board: ({ parts }) => all(parts, "start", "random", "flash", "clock", "adc", "relay"),
	image: ({ parts: { start } }) => {
		const image = number(start, "image");
		const slot = number(start, "slot");
		return answered(image > 0 && slot > 0 ? image <= slot : null, `${image} bytes in a slot of ${slot}`);
	},
	radios: ({ parts }) => all(parts, "nfc", "bluetooth"),
	time: () => step(10),
	phones: () => step(10),
	encryption: ({ parts: { start } }) =>
		answered(
			start?.figures.flashEncryption === undefined ? null : number(start, "flashEncryption") === 1,
			`flash encryption ${number(start, "flashEncryption") === 1 ? "on" : "off"}, secure boot ${number(start, "secureBoot") === 1 ? "on" : "off"}`,
		),
	wifi: ({ parts }) => {
		const { answer, says } = all(parts, "wifi");
		const { heap } = parts.wifi?.memory ?? {};
		return { answer, says: typeof heap === "number" ? `${says}; ${heap} bytes of heap left` : says };
	},
	port: ({ portResets }) =>
		answered(
			portResets === undefined ? null : !portResets,
			portResets === true
				? "opening it again started the reader anew"
				: "opened again, and the reader ran on",
		),
});
