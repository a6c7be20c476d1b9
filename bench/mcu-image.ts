// SPDX-License-Identifier: Apache-2.0

/** The device's image by part against its slot, and what our C holds of its memory, as far as both are known without ESP-IDF. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CAPACITIES } from "../site/lib/plan/capacity.js";
import { bearsslFiles } from "../tools/xs/bearssl.js";
import { cache, engineSources, root, toolchain } from "../tools/xs/build.js";
import { debianSource } from "../tools/xs/debian-source.js";
import { onRv32 } from "./rv32.js";

export interface ImagePart {
	readonly name: string;
	readonly bytes: number;
	/** Measured here, or taken over from the build that `RECORDED` names. */
	readonly from: "measured" | "recorded";
}

export interface Image {
	readonly parts: readonly ImagePart[];
	readonly total: number;
	readonly slot: number;
	/** Our C's, of RAM, bytes. */
	readonly staticBytes: number;
}

const KB = 1024;

const sizes = join(cache, "size");

/** From the link map of an image for an ESP32: 1,952,304 bytes, by SDK 8.2.3 and ESP-IDF v6.0 in November 2026. */
const RECORDED: readonly (readonly [name: string, bytes: number])[] = [
	// 325 KB with our C.
	["XS and the SDK's C", 317 * KB],
	["Wi-Fi", 206 * KB],
	["rest of ESP-IDF", 195 * KB],
	["libsodium", 150 * KB],
	["mbedTLS's PSA", 108 * KB],
	["Bluetooth controller", 79 * KB],
	["lwIP", 70 * KB],
	["WPA", 58 * KB],
	["NimBLE", 52 * KB],
	["PHY", 46 * KB],
	// xsl 8.2.3 with the manifest of 2026-11-29, compiled for rv32: 53,256 + 18,121 + 34,344 bytes.
	["XS's objects, the SDK's modules, those of hal/esp32", 105_721],
];

/** Text with constants, and RAM, of a C file, compiled for size as the SDK does. */
function sizeOf(source: string, more: readonly string[]): { text: number; ram: number } {
	const { compiler, options } = toolchain("rv32");
	const object = join(sizes, `${basename(source, ".c")}.o`);
	const all = [...options, "-march=rv32imc", "-Os", "-w", ...more, "-c", source, "-o", object];
	execFileSync(compiler, all, { stdio: "inherit" });
	const size = execFileSync(compiler.replace(/gcc$/, "size"), [object], { encoding: "utf8" });
	const [text = 0, data = 0, bss = 0] = size.split("\n")[1]!.trim().split(/\s+/).map(Number);
	return { text: text + data, ram: data + bss };
}

function ourC(): { text: number; ram: number } {
	mkdirSync(sizes, { recursive: true });
	let text = 0;
	let ram = 0;
	for (const part of ["hal/esp32", "hal/crypto/native"])
		for (const name of readdirSync(join(root, part)).filter((file) => file.endsWith(".c"))) {
			const source = join(root, part, name);
			for (const [, header] of readFileSync(source, "utf8").matchAll(/#include "([^"]+)"/g))
				if (!readdirSync(dirname(source)).includes(header!)) {
					mkdirSync(join(sizes, dirname(header!)), { recursive: true });
					writeFileSync(join(sizes, header!), "");
				}
			const its = sizeOf(source, [
				...["-include", join(root, "bench/esp-idf.h")],
				// The engine's own xsmc.h, before the empty headers.
				...[join(engineSources(), "includes"), dirname(source), sizes].map((path) => `-I${path}`),
			]);
			text += its.text;
			ram += its.ram;
		}
	return { text, ram };
}

/** Of BearSSL what the device's build compiles, all of it. */
function bearssl(): number {
	const tree = debianSource(cache, "bearssl");
	const includes = ["inc", "src"].map((path) => `-I${join(tree, path)}`);
	const files = bearsslFiles(join(root, "manifest.json"));
	return files.reduce((sum, file) => sum + sizeOf(join(tree, file), includes).text, 0);
}

export function measureImage(): Image {
	const { preloaded } = onRv32<{ preloaded: number }>("image");
	const c = ourC();
	const parts: ImagePart[] = [
		{ name: "our modules, preloaded", bytes: preloaded, from: "measured" },
		{ name: "our C", bytes: c.text, from: "measured" },
		{ name: "BearSSL's P-256", bytes: bearssl(), from: "measured" },
		...RECORDED.map(([name, bytes]) => ({ name, bytes, from: "recorded" as const })),
	];
	const slots = CAPACITIES.flatMap(({ partitions }) => partitions).filter(({ type }) => type === "app");
	return {
		parts: parts.sort((a, b) => b.bytes - a.bytes),
		total: parts.reduce((sum, { bytes }) => sum + bytes, 0),
		slot: Math.min(...slots.map(({ size }) => size)),
		staticBytes: c.ram,
	};
}
