// SPDX-License-Identifier: Apache-2.0

import { equal } from "../../../protocol/bytes.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { VERSION } from "../../../protocol/provisioning/frame.js";
import type { ReaderInfo, ReaderProof } from "../../../protocol/provisioning/messages.js";
import type { TrustList } from "../../../protocol/trust/list.js";
import type { ProvisioningClient } from "./client.js";
import { ClientError, isRefused } from "./errors.js";
import { type AuthorityKey, Introduction } from "./introduction.js";

/** How long the reader's answer to `leave` is worth waiting for, ms. */
const LEAVE_MS = 1000;

export interface AuthorityOptions {
	readonly crypto: Crypto;
	readonly randomBytes: (length: number) => Uint8Array;
	/** Called where the work needs authority, and only there. */
	readonly key: (info: ReaderInfo) => AuthorityKey;
	/** The only door whose reader may be worked on; any where it is not given. */
	readonly door?: string | undefined;
	/** The work reads the log, which of a reader that was reset is its former site's alone. */
	readonly log?: boolean | undefined;
	/** The work erases the reader's keys: where it has done so unheard, the reader without a site that then answers has others. */
	readonly erases?: boolean | undefined;
	/** The reader has started again, or another program has taken authority over; the work runs once more. */
	readonly onRestart?: () => void;
}

/**
 * Runs `work` with authority at the reader; one that is not commissioned yet asks for none. The reader proves itself first, so
 * that the proof is for it alone. A reader that starts again forgets who has proved it. Where that was in the middle, as when
 * the reply to what makes it start was lost, `work` runs once more: it has to look at what is there before it changes anything.
 */
export async function withAuthority<T>(
	client: ProvisioningClient,
	info: ReaderInfo,
	options: AuthorityOptions,
	work: (info: ReaderInfo) => Promise<T>,
): Promise<T> {
	try {
		return await proven(client, info, options, work);
	} catch (error) {
		if (!isRefused(error, "not-authorised")) throw error;
		const now = await client.request("info");
		options.onRestart?.();
		return proven(client, now, options, work);
	}
}

async function proven<T>(
	client: ProvisioningClient,
	info: ReaderInfo,
	options: AuthorityOptions,
	work: (info: ReaderInfo) => Promise<T>,
): Promise<T> {
	const needed = info.commissioned === true || (options.log === true && info.formerSite !== undefined);
	const key = needed ? options.key(info) : undefined;
	const met = await introduce(client, info, options, key).catch((error: unknown) => {
		// It started again between the challenge and the proof, as after a change just before, or was asked by another.
		if (!isRefused(error, "no-challenge", "reply-gone")) throw error;
		return introduce(client, info, options, key);
	});
	// One without a site may have made its key only now.
	if (key === undefined) return work({ ...info, key: met.key });
	try {
		return await work(info);
	} finally {
		await client.request("leave", {}, LEAVE_MS).catch(withoutAnswer);
		client.session = undefined;
	}
}

/** The reader proves itself, then `key` is proved to it, where it has a site. */
async function introduce(
	client: ProvisioningClient,
	info: ReaderInfo,
	{ crypto, door, erases, randomBytes }: AuthorityOptions,
	key: AuthorityKey | undefined,
): Promise<ReaderProof> {
	if (client.version < VERSION)
		throw new ClientError(
			"older-reader",
			`this reader speaks protocol version ${client.version}, which knows no trust lists: nothing is proved to it`,
		);
	client.session = undefined;
	const introduction = new Introduction(crypto, client.id, randomBytes(32));
	const reader = await client.request("challenge", introduction.request);
	introduction.check(reader);
	if (erases !== true || key !== undefined) pin(client, reader);
	if (key === undefined) return reader;
	// One that was reset has forgotten its door, and its new key nothing but this proof.
	if (info.commissioned === true) checkDoor(introduction, info, reader, key.trust, door);
	const proof = introduction.proof(reader, key);
	client.session = introduction.session(reader);
	try {
		await client.request("prove", proof);
		return reader;
	} catch (error) {
		client.session = undefined;
		throw error;
	}
}

/** Throws where the site has not signed the reader's key for the door that it says it has, and that is wanted. */
function checkDoor(
	introduction: Introduction,
	info: ReaderInfo,
	reader: ReaderProof,
	trust: TrustList,
	wanted: string | undefined,
): void {
	if (info.key === undefined || !equal(info.key, reader.key))
		throw new ClientError("false-reader", "what answers proves another key than it has named");
	const door = introduction.door(reader, trust, Date.now() / 1000);
	if (door !== info.door)
		throw new ClientError(
			"false-reader",
			`what answers is the reader of door ${door}, and says it is ${info.door}'s`,
		);
	if (wanted !== undefined && door !== wanted)
		throw new ClientError(
			"wrong-door",
			`this is the reader of door ${door}, not of ${wanted}; nothing was proved to it`,
		);
}

/** One reader for the whole of a connection, also before a site has signed its key. */
function pin(client: ProvisioningClient, { key }: ReaderProof): void {
	client.reader ??= key;
	if (!equal(client.reader, key))
		throw new ClientError("false-reader", "another reader answers than did before on this port");
}

/** For requests whose answer is a courtesy: a reader that is gone or starts again gives none. */
export function withoutAnswer(error: unknown): void {
	if (!(error instanceof ClientError)) throw error;
}
