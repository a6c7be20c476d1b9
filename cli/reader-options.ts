import { autoDetect } from "@serialport/bindings-cpp";
import type { Command } from "commander";
import { NodeCrypto } from "../hal/node/crypto.js";
import { fromHex } from "../protocol/bytes.js";
import { type CborMap, type CborValue, isFields } from "../protocol/cbor/value.js";
import { proofMessage } from "../protocol/provisioning/proof.js";
import { Failure } from "../site/lib/files/failure.js";
import { refuseInline } from "../site/lib/files/inline-key.js";
import { readJson } from "../site/lib/files/json-file.js";
import { ReaderClient } from "./client.js";
import { hint } from "./output.js";

export interface ReaderOptions {
	readonly port?: string | undefined;
	readonly siteKey?: string | undefined;
}

export function readerOptions(command: Command): Command {
	return command
		.option("--port <path>", "the reader's serial port; needed where several are plugged in")
		.option("--site-key <file>", "the site's key file (`lintel site init`), or - for standard input");
}

export interface Port {
	readonly path: string;
	readonly vendorId?: string | undefined;
	readonly productId?: string | undefined;
}

/** USB serial ports; the computer's own ones have no USB id. */
export async function ports(): Promise<Port[]> {
	const all = await autoDetect().list();
	return all
		.filter(({ vendorId }) => vendorId !== undefined)
		.map(({ path, vendorId, productId }) => ({ path, vendorId, productId }));
}

/** Opens the reader that was meant, runs `work`, closes it. */
export async function withReader<T>(
	options: ReaderOptions,
	work: (reader: ReaderClient, info: CborMap) => Promise<T>,
): Promise<T> {
	refuseInline(options.siteKey);
	let path = options.port;
	// As by a variable of the shell's that is not set.
	if (path === "")
		throw new Failure(
			"usage",
			"empty-port",
			"--port has no name",
			"Say which port, or leave --port out; `lintel readers` lists them.",
		);
	if (path === undefined) {
		const found = await ports();
		if (found.length !== 1)
			throw new Failure(
				"no-reader",
				found.length === 0 ? "no-port" : "several-ports",
				found.length === 0
					? "no reader is plugged in"
					: `several ports: ${found.map((p) => p.path).join(", ")}`,
				found.length === 0 ? "Plug it in by USB, or give --port." : "Say which by --port.",
			);
		path = found[0]!.path;
	}
	const reader = await ReaderClient.open(path);
	try {
		const info = await reader.request("info");
		if (!isFields(info))
			throw new Failure(
				"version",
				"bad-info",
				"the reader says something else than expected",
				"Update lintel.",
			);
		return await work(reader, info);
	} finally {
		await reader.close();
	}
}

/**
 * As `withReader`; proves authority first where the reader is commissioned. A reader that starts again forgets who proved
 * it. Where that was in the middle, as when the reply to what makes it start was lost, `work` runs once more: it has to look
 * at what is there before it changes anything.
 */
export async function withAuthority<T>(
	options: ReaderOptions,
	work: (reader: ReaderClient, info: CborMap) => Promise<T>,
): Promise<T> {
	return withReader(options, async (reader, info) => {
		try {
			return await withProof(reader, info, options.siteKey, work);
		} catch (error) {
			if (!(error instanceof Failure && error.reason === "not-authorised") || options.siteKey === undefined)
				throw error;
			const now = await reader.request("info");
			if (!isFields(now)) throw error;
			hint("the reader has started again, or another lintel works on it; goes on");
			return withProof(reader, now, options.siteKey, work);
		}
	});
}

async function withProof<T>(
	reader: ReaderClient,
	info: CborMap,
	keyFile: string | undefined,
	work: (reader: ReaderClient, info: CborMap) => Promise<T>,
): Promise<T> {
	if (info.commissioned !== true) return work(reader, info);
	if (keyFile === undefined)
		throw new Failure(
			"refused",
			"not-authorised",
			`this reader belongs to site ${String(info.site)}`,
			"Give a key that the site allows: --site-key site-key.json.",
		);
	const key = readKey(keyFile);
	try {
		await prove(reader, info, key);
	} catch (error) {
		// It started again between the challenge and the proof, as after a change just before, or was asked by another.
		if (!(error instanceof Failure && ["no-challenge", "reply-gone"].includes(error.reason))) throw error;
		await prove(reader, info, key);
	}
	try {
		return await work(reader, info);
	} finally {
		// A reader that is gone or starts again has ended the authority itself.
		await reader.request("leave", {}, LEAVE_MS).catch(notAnswered);
	}
}

async function prove(reader: ReaderClient, info: CborMap, key: SiteKeyFile): Promise<void> {
	const challenge = (await reader.request("challenge")) as Uint8Array;
	const message = proofMessage(challenge, info.key as Uint8Array, reader.publicClient);
	const signature = new NodeCrypto().ed25519Sign(message, key.secretKey);
	await reader.request("prove", { key: key.publicKey, signature, service: key.service });
}

/** A reader that takes its configuration over starts again: waits until it answers, so that the next command finds it. */
export async function restarted(reader: ReaderClient, reply: unknown): Promise<void> {
	const ms = isFields(reply as CborValue) ? (reply as CborMap).restart : undefined;
	if (typeof ms !== "number") return;
	await new Promise((resolve) => setTimeout(resolve, Math.min(5000, ms + 100)));
	// A board whose USB port is the chip's own leaves the bus meanwhile; the change is made all the same.
	await reader.request("info").catch(notAnswered);
}

/** How long the reader's answer to `leave` is worth waiting for, ms. */
const LEAVE_MS = 1000;

function notAnswered(error: unknown): void {
	if (!(error instanceof Failure)) throw error;
}

export interface SiteKeyFile {
	readonly site: string;
	readonly publicKey: Uint8Array;
	/** 64 bytes. */
	readonly secretKey: Uint8Array;
	/** The site's credential for an installer's key. */
	readonly service?: Uint8Array | undefined;
}

/** The site's secret key, from a file or standard input, never from the command line. Its text is in no message. */
export function readKey(path: string): SiteKeyFile {
	refuseInline(path);
	const value = readJson(path, "the key file");
	const { site, algorithm, seed, service } = value;
	const hex = /^([0-9a-f]{2})+$/;
	if (
		typeof site !== "string" ||
		algorithm !== "Ed25519" ||
		typeof seed !== "string" ||
		!/^[0-9a-f]{64}$/.test(seed) ||
		(service !== undefined && !(typeof service === "string" && hex.test(service)))
	)
		throw new Failure("input", "bad-key", `${path} is no key file`, "Make one with `lintel site init`.");
	const pair = new NodeCrypto().ed25519KeyPair(fromHex(seed));
	return { site, ...pair, service: service === undefined ? undefined : fromHex(service) };
}
