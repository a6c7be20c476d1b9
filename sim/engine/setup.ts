/** A setup as JSON: bytes travel as `{"hex": …}`. */
import { fromHex, toHex } from "../../protocol/bytes.js";
import type { Setup } from "../../src/app/main.js";

export function packSetup(setup: Setup): unknown {
	return packed(setup);
}

/** A copy of plain objects: on a device tables are in flash, where XS can mark none of them as visited. */
function packed(value: unknown): unknown {
	if (typeof value !== "object" || value === null) return value;
	if (value instanceof Uint8Array) return { hex: toHex(value) };
	if (Array.isArray(value)) return value.map(packed);
	return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, packed(part)]));
}

export function unpackSetup(packed: unknown): Setup {
	return unpacked(packed) as Setup;
}

function unpacked(value: unknown): unknown {
	if (typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) return value.map(unpacked);
	const { hex } = value as { hex?: unknown };
	if (typeof hex === "string") return fromHex(hex);
	return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, unpacked(part)]));
}
