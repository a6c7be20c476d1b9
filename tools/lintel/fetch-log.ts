import type { Fields } from "../../src/provisioning/value.js";
import type { ReaderClient } from "./client.js";
import { Failure } from "./failure.js";
import { progress } from "./output.js";

/** More than any reader's flash, bytes. */
const MAX_LOG = 64 * 1024 * 1024;

/** The reader's log partition, whole. Authority has been proven. What the reader says is blank is not sent. */
export async function fetchLog(reader: ReaderClient): Promise<Uint8Array> {
	let image = Buffer.alloc(0);
	let at = 0;
	do {
		const part = (await reader.request("log", { at })) as Fields;
		const { bytes, size } = part;
		if (!(bytes instanceof Uint8Array) || bytes.length === 0 || !isSize(size) || at + bytes.length > size)
			throw new Failure(
				"refused",
				"bad-reply",
				"what the reader says of its log makes no sense",
				"Give the command again; if it stays so, reader and lintel do not fit: compare their versions.",
			);
		if (image.length !== size) image = Buffer.concat([image, Buffer.alloc(size, 0xff)], size);
		image.set(bytes, at);
		at += bytes.length;
		// Readers before this field say nothing of it, and send all.
		if (typeof part.blank === "number" && part.blank > 0) at = Math.min(at + part.blank, size);
		progress("log", at, size);
	} while (at < image.length);
	return image;
}

function isSize(size: unknown): size is number {
	return typeof size === "number" && size > 0 && size <= MAX_LOG;
}
