// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../../../protocol/crypto.js";
import type { Proof, ReaderInfo } from "../../../protocol/provisioning/messages.js";
import { proofMessage } from "../../../protocol/provisioning/proof.js";
import type { ProvisioningClient } from "./client.js";
import { ClientError, isRefused } from "./errors.js";

/** How long the reader's answer to `leave` is worth waiting for, ms. */
const LEAVE_MS = 1000;

/** A key that may change readers of a site: the site's own or, with a credential by the site, an installer's. */
export interface AuthorityKey {
	readonly publicKey: Uint8Array;
	/** 64 bytes. */
	readonly secretKey: Uint8Array;
	readonly service?: Uint8Array | undefined;
}

/** Parameters of `prove`. `reader`: its public key; `client`: who proves. */
export function proofOf(
	challenge: Uint8Array,
	reader: Uint8Array,
	client: Uint8Array,
	key: AuthorityKey,
	crypto: Crypto,
): Proof {
	const signature = crypto.ed25519Sign(proofMessage(challenge, reader, client), key.secretKey);
	return { key: key.publicKey, signature, service: key.service };
}

export interface AuthorityOptions {
	readonly crypto: Crypto;
	/** Called where the reader is commissioned, and only there. */
	readonly key: (info: ReaderInfo) => AuthorityKey;
	/** The reader has started again, or another program has taken authority over; the work runs once more. */
	readonly onRestart?: () => void;
}

/**
 * Runs `work` with authority at the reader; one that is not commissioned yet asks for none. A reader that starts again
 * forgets who has proved it. Where that was in the middle, as when the reply to what makes it start was lost, `work` runs
 * once more: it has to look at what is there before it changes anything.
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
	if (info.commissioned !== true) return work(info);
	const key = options.key(info);
	try {
		await prove(client, info, key, options.crypto);
	} catch (error) {
		// It started again between the challenge and the proof, as after a change just before, or was asked by another.
		if (!isRefused(error, "no-challenge", "reply-gone")) throw error;
		await prove(client, info, key, options.crypto);
	}
	try {
		return await work(info);
	} finally {
		await client.request("leave", {}, LEAVE_MS).catch(withoutAnswer);
	}
}

async function prove(
	client: ProvisioningClient,
	{ key: reader }: ReaderInfo,
	key: AuthorityKey,
	crypto: Crypto,
): Promise<void> {
	if (reader === undefined) throw new ClientError("bad-reply", "a commissioned reader that says no key");
	const challenge = await client.request("challenge");
	await client.request("prove", proofOf(challenge, reader, client.id, key, crypto));
}

/** For requests whose answer is a courtesy: a reader that is gone or starts again gives none. */
export function withoutAnswer(error: unknown): void {
	if (!(error instanceof ClientError)) throw error;
}
