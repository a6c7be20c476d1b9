// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { NodeCrypto } from "../hal/node/crypto.js";
import type { Applied, ReaderInfo } from "../protocol/provisioning/messages.js";
import { Failure } from "../site/lib/files/failure.js";
import { refuseInline } from "../site/lib/files/inline-key.js";
import { keyWith, readKeys } from "../site/lib/keys.js";
import type { SiteLists } from "../site/lib/keys-text.js";
import * as authority from "../site/lib/provisioning/authority.js";
import type { Brought } from "../site/lib/provisioning/bring-lists.js";
import { ProvisioningClient, type Requester } from "../site/lib/provisioning/client.js";
import { ClientError } from "../site/lib/provisioning/errors.js";
import type { AuthorityKey } from "../site/lib/provisioning/introduction.js";
import { readerFailure } from "./advice.js";
import { hint } from "./output.js";
import type { ReaderOptions } from "./reader-options.js";
import { choosePort, openSerialPort } from "./serial-port.js";
import { listWords } from "./trust.js";

type Work<T> = (reader: ProvisioningClient, info: authority.ProvenInfo) => Promise<T>;

/** How long a reader that may be starting is asked again after its first silence, ms: a start with a repair of its flash. */
const STARTING_MS = 8000;

/** What a reader is, also of one that has just got its power from this cable or starts again: it is asked once more. */
export async function firstInfo(reader: Requester, say: (text: string) => void = hint): Promise<ReaderInfo> {
	try {
		return await reader.request("info");
	} catch (error) {
		if (!(error instanceof ClientError) || error.reason !== "no-answer") throw error;
		say("nothing answers yet; a reader that starts takes some seconds: asks again");
		return reader.request("info", {}, STARTING_MS);
	}
}

/**
 * Opens the reader that was meant, runs `work`, closes it. What goes wrong with the reader becomes a `Failure`. `greet`: how
 * it is asked what it is.
 */
export async function withReader<T>(options: ReaderOptions, work: Work<T>, greet = firstInfo): Promise<T> {
	refuseInline(options.siteKey);
	const path = await choosePort(options.port);
	const reader = new ProvisioningClient(await openSerialPort(path), new Uint8Array(randomBytes(8)));
	try {
		return await work(reader, await greet(reader));
	} catch (error) {
		throw readerFailure(error, path);
	} finally {
		await reader.close();
	}
}

/** As `withReader`, with authority by `--site-key` where the reader is commissioned; `work` may run twice. */
export function withAuthority<T>(options: ReaderOptions, work: Work<T>): Promise<T> {
	const crypto = new NodeCrypto();
	const key = ({ door, formerSite, site }: ReaderInfo): AuthorityKey & SiteLists => {
		const path = options.siteKey;
		if (path !== undefined) {
			const keys = readKeys(path, crypto);
			known = keys.lists.length;
			const { lists, trust } = keys;
			return { ...keyWith(keys, "install", door ?? "", path, crypto), lists, trust };
		}
		throw new Failure(
			"refused",
			"not-authorised",
			site === undefined
				? `the log is still that of site ${formerSite}`
				: `this reader belongs to site ${site}`,
			"Give a key that the site allows: --site-key site-key.json.",
		);
	};
	let known = 0;
	const onLists = (brought: Brought): void => {
		for (const line of listWords(brought, known)) hint(line);
	};
	const onRestart = (): void => hint("the reader has started again, or another lintel works on it; goes on");
	return withReader(options, (reader, info) =>
		authority.withAuthority(
			reader,
			info,
			{
				crypto,
				key,
				onLists,
				onRestart,
				now: () => Date.now() / 1000,
				randomBytes: (length) => new Uint8Array(randomBytes(length)),
				certifies: options.certifies,
				door: options.door,
				erases: options.erases,
				log: options.log,
			},
			(now) => work(reader, now),
		),
	);
}

/** With authority where a key was given: for what a reader tells to anybody, and more of to those who may know it. */
export function withReaderOrAuthority<T>(options: ReaderOptions, work: Work<T>): Promise<T> {
	return options.siteKey === undefined ? withReader(options, work) : withAuthority(options, work);
}

/** A reader that takes its configuration over starts again: waits until it answers, so that the next command finds it. */
export async function restarted(reader: Requester, { restart }: Applied, patienceMs?: number): Promise<void> {
	if (restart === undefined) return;
	await new Promise((resolve) => setTimeout(resolve, Math.min(5000, restart + 100)));
	// A board whose USB port is the chip's own leaves the bus meanwhile; the change is made all the same.
	await reader.request("info", {}, patienceMs).catch(authority.withoutAnswer);
}
