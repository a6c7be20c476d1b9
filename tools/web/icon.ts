// SPDX-License-Identifier: Apache-2.0

/** The icon as PNG, for home screens that take no SVG: the same shapes as `site/web/icon.svg`, drawn here so that the sources have no pictures in binary. */
import { crc32, deflateSync } from "node:zlib";

/** Side of the drawing, as the SVG's view box. */
const SIDE = 512;
const BLUE = [0x1d, 0x4e, 0xd8] as const;
const WHITE = [0xff, 0xff, 0xff] as const;
const CLEAR = [0, 0, 0, 0] as const;
/** Points to a side of a pixel. */
const POINTS = 4;

export interface IconOptions {
	/** Pixels to a side. */
	readonly size: number;
	/**
	 * `round`: with its corners, as the SVG. `full`: to the edges, for systems that round it themselves. `maskable`: also smaller, as
	 * systems cut off what is outside of a circle of 80 % (Web App Manifest, "purpose").
	 */
	readonly shape: "round" | "full" | "maskable";
}

type Colour = readonly [red: number, green: number, blue: number, alpha?: number];

function colourAt(x: number, y: number, shape: IconOptions["shape"]): Colour {
	if (shape === "round" && !isInRounded(x, y)) return CLEAR;
	const scale = shape === "maskable" ? 0.8 : 1;
	return drawn((x - SIDE / 2) / scale + SIDE / 2, (y - SIDE / 2) / scale + SIDE / 2);
}

/** A door with its handle, and the lintel over it. */
function drawn(x: number, y: number): Colour {
	if (Math.hypot(x - 320, y - 320) < 22) return BLUE;
	const isLintel = x >= 96 && x < 416 && y >= 112 && y < 176;
	const isLeaf = x >= 144 && x < 368 && y >= 208 && y < 424;
	return isLintel || isLeaf ? WHITE : BLUE;
}

function isInRounded(x: number, y: number): boolean {
	const radius = 96;
	const dx = Math.max(radius - x, x - (SIDE - radius), 0);
	const dy = Math.max(radius - y, y - (SIDE - radius), 0);
	return Math.hypot(dx, dy) < radius;
}

/** Rows of RGBA, each with its filter type 0 before it (PNG 9). */
function rows({ shape, size }: IconOptions): Buffer {
	const bytes = Buffer.alloc(size * (1 + 4 * size));
	for (let y = 0; y < size; y++)
		for (let x = 0; x < size; x++) bytes.set(pixel(x, y, size, shape), y * (1 + 4 * size) + 1 + 4 * x);
	return bytes;
}

/** The mean of its points. */
function pixel(x: number, y: number, size: number, shape: IconOptions["shape"]): number[] {
	const sum = [0, 0, 0, 0];
	for (let j = 0; j < POINTS; j++)
		for (let i = 0; i < POINTS; i++) {
			const at = (pixel: number, point: number): number => ((pixel + (point + 0.5) / POINTS) * SIDE) / size;
			const [red, green, blue, alpha = 255] = colourAt(at(x, i), at(y, j), shape);
			[red, green, blue].forEach((part, k) => {
				sum[k]! += part * alpha;
			});
			sum[3]! += alpha;
		}
	const alpha = sum[3]!;
	return [...sum.slice(0, 3).map((part) => (alpha === 0 ? 0 : part / alpha)), alpha / POINTS ** 2].map(
		Math.round,
	);
}

function chunk(type: string, data: Buffer): Buffer {
	const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
	const frame = Buffer.alloc(8);
	frame.writeUInt32BE(data.length, 0);
	frame.writeUInt32BE(crc32(body), 4);
	return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A PNG of 8 bits, RGBA, not interlaced. */
export function iconPng(options: IconOptions): Buffer {
	const head = Buffer.alloc(13);
	head.writeUInt32BE(options.size, 0);
	head.writeUInt32BE(options.size, 4);
	head.set([8, 6, 0, 0, 0], 8);
	return Buffer.concat([
		Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
		chunk("IHDR", head),
		chunk("IDAT", deflateSync(rows(options), { level: 9 })),
		chunk("IEND", Buffer.alloc(0)),
	]);
}
