// SPDX-License-Identifier: Apache-2.0

import type { Diagnostics } from "../contracts/chip.js";
import { chip } from "./chip.js";

/** In the order of diagnostics.c; bytes, and 0 or 1. */
const FIGURES = Object.freeze([
	"heap",
	"largestBlock",
	"leastHeap",
	"psram",
	"stackLeft",
	"image",
	"slot",
	"flashEncryption",
	"secureBoot",
] as const);
/** Where those of the image begin. */
const IMAGE = 5;

function figures(from: number, to: number): Readonly<Record<string, number>> {
	const result: Record<string, number> = {};
	for (let i = from; i < to; i++) result[FIGURES[i]!] = chip.figure(i);
	return result;
}

export const DIAGNOSTICS: Diagnostics = Object.freeze({
	stall: chip.stall,
	memory: () => figures(0, IMAGE),
	image: () => figures(IMAGE, FIGURES.length),
});
