import type { Fields } from "../../src/provisioning/value.js";
import type { ReaderClient } from "./client.js";
import { progress } from "./output.js";

/** The reader's log partition, whole. Authority has been proven. */
export async function fetchLog(reader: ReaderClient): Promise<Uint8Array> {
	const parts: Uint8Array[] = [];
	let at = 0;
	for (let size = 1; at < size; ) {
		const part = (await reader.request("log", { at })) as Fields & { size: number; bytes: Uint8Array };
		if (part.bytes.length === 0) break;
		size = part.size;
		at += part.bytes.length;
		parts.push(part.bytes);
		progress("log", at, size);
	}
	return Buffer.concat(parts);
}
