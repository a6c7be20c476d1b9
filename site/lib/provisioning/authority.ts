// SPDX-License-Identifier: Apache-2.0

import { equal } from "../../../protocol/bytes.js";
import type { ReaderCredential } from "../../../protocol/credential/credential.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { VERSION } from "../../../protocol/provisioning/frame.js";
import type { ReaderInfo, ReaderProof } from "../../../protocol/provisioning/messages.js";
import type { KeyRefusal } from "../../../protocol/trust/list.js";
import type { SiteLists } from "../keys-text.js";
import { type Brought, bringLists, checkAnchor, fetchTrusted } from "./bring-lists.js";
import type { ProvisioningClient, Requester } from "./client.js";
import { ClientError, isRefused } from "./errors.js";
import { type AuthorityKey, Introduction } from "./introduction.js";

/** How long the reader's answer to `leave` is worth waiting for, ms. */
const LEAVE_MS = 1000;

export interface AuthorityOptions {
	readonly crypto: Crypto;
	readonly randomBytes: (length: number) => Uint8Array;
	/** Called where the work needs authority, and only there. */
	readonly key: (info: ReaderInfo) => AuthorityKey & SiteLists;
	/** Told what came of the site's lists at a reader that had not just those. */
	readonly onLists?: (brought: Brought) => void;
	/** Seconds since 1970. */
	readonly now: () => number;
	/** The only door whose reader may be worked on; any where it is not given. */
	readonly door?: string | undefined;
	/** The work reads the log, which of a reader that was reset is its former site's alone. */
	readonly log?: boolean | undefined;
	/** The work erases the reader's keys: where it has done so unheard, the reader without a site that then answers has others. */
	readonly erases?: boolean | undefined;
	/** The work gives the reader other credentials: those that it shows are not believed, and need not be good. */
	readonly certifies?: boolean | undefined;
	/** The reader has started again, or another program has taken authority over; the work runs once more. */
	readonly onRestart?: () => void;
}

/**
 * `readerId`: the id of the reader's credential, by which a site revokes it; of a reader that has proved its door. `doubt`: the
 * reason for which it has not, where the work `certifies`.
 */
export type ProvenInfo = ReaderInfo & { readonly readerId?: Uint8Array; readonly doubt?: string };

/**
 * Runs `work` with authority at the reader; one that is not commissioned yet asks for none. The reader proves itself first, so
 * that the proof is for it alone. A reader that starts again forgets who has proved it. Where that was in the middle, as when
 * the reply to what makes it start was lost, `work` runs once more: it has to look at what is there before it changes anything.
 */
export async function withAuthority<T>(
	client: ProvisioningClient,
	info: ReaderInfo,
	options: AuthorityOptions,
	work: (info: ProvenInfo) => Promise<T>,
): Promise<T> {
	try {
		return await proven(client, info, options, work);
	} catch (error) {
		if (!isRefused(error, "not-authorised")) throw error;
		const now = await client.request("info");
		// One without a site has lost its key as it started again.
		if (info.commissioned !== true && now.commissioned !== true) client.reader = undefined;
		options.onRestart?.();
		return proven(client, now, options, work);
	}
}

async function proven<T>(
	client: ProvisioningClient,
	found: ReaderInfo,
	options: AuthorityOptions,
	work: (info: ProvenInfo) => Promise<T>,
): Promise<T> {
	refuseOlder(client);
	let info = found;
	const needed = info.commissioned === true || (options.log === true && info.formerSite !== undefined);
	const key = needed ? options.key(info) : undefined;
	if (key !== undefined && info.commissioned === true) {
		if (info.site !== key.trust.site)
			throw new ClientError(
				"other-site",
				`this is a reader of site ${info.site}, and the key is one of site ${key.trust.site}; nothing was proved to it`,
			);
		info = await withLists(client, info, options, key);
	}
	const met = await introduce(client, info, options, key).catch((error: unknown) => {
		// It started again between the challenge and the proof, as after a change just before, or was asked by another.
		if (!isRefused(error, "no-challenge", "reply-gone")) throw error;
		return introduce(client, info, options, key);
	});
	if (key === undefined) return work(met);
	try {
		return await work(met);
	} finally {
		await client.request("leave", {}, LEAVE_MS).catch(withoutAnswer);
		client.session = undefined;
	}
}

/** Throws where the reader's firmware knows no trust lists: it is sent nothing, and nothing is proved to it. */
export function refuseOlder(client: ProvisioningClient): void {
	if (client.version < VERSION)
		throw new ClientError(
			"older-reader",
			`this reader speaks protocol version ${client.version}, which knows no trust lists; nothing was proved to it`,
		);
}

/** The reader gets the lists that it lacks, so that it knows by the newest who may work on it. */
async function withLists(
	client: ProvisioningClient,
	info: ReaderInfo,
	{ crypto, onLists }: AuthorityOptions,
	key: AuthorityKey & SiteLists,
): Promise<ReaderInfo> {
	// No session is begun yet, and one of before would be another reader's.
	client.session = undefined;
	const brought = await bringLists(client, info, key, crypto);
	if (brought.from !== key.lists.length || brought.held) onLists?.(brought);
	if (brought.to > key.lists.length && !brought.held) await judge(client, info.door ?? "", key, crypto);
	return brought.from === brought.to ? info : client.request("info");
}

/** Throws where the reader's own list, newer than those here, does not let the key work on it. */
async function judge(
	client: Requester,
	door: string,
	key: AuthorityKey & SiteLists,
	crypto: Crypto,
): Promise<void> {
	const trusted = await fetchTrusted(client);
	checkAnchor(trusted, key, crypto);
	const { trust } = trusted;
	if (trust.isRoot(key.publicKey)) return;
	const listed = trust.findKey(key.publicKey);
	const refusal = listed === undefined ? "wrong-role" : listed.refusal("install", door);
	if (refusal === undefined) return;
	throw new ClientError(
		refusal,
		`by the reader's trust list ${trust.version}, newer than list ${key.lists.length} here, this key ${JUDGED[refusal]}; nothing was proved to it`,
	);
}

const JUDGED: Readonly<Record<KeyRefusal, string>> = {
	"wrong-role": 'has not the role "install"',
	"key-stolen": "was revoked as stolen",
	"beyond-limits": "is not for this door",
	"key-ended": "has ended",
};

/** The reader proves itself, then `key` is proved to it, where it has a site. */
async function introduce(
	client: ProvisioningClient,
	info: ReaderInfo,
	{ certifies, crypto, door, erases, now, randomBytes }: AuthorityOptions,
	key: AuthorityKey | undefined,
): Promise<ProvenInfo> {
	client.session = undefined;
	const introduction = new Introduction(crypto, client.id, randomBytes(32));
	const reader = await client.request("challenge", introduction.request);
	introduction.check(reader);
	if (erases !== true || key !== undefined) pin(client, reader);
	// One without a site may have made its key only now.
	if (key === undefined) return { ...info, key: reader.key };
	// One that was reset has forgotten its door, and its new key nothing but this proof.
	const signed =
		info.commissioned === true
			? checkDoor(info, reader, door, () =>
					signedFor(() => introduction.credential(reader, key.trust, now()), certifies === true),
				)
			: undefined;
	const proof = introduction.proof(reader, key);
	client.session = introduction.session(reader);
	try {
		await client.request("prove", proof);
		if (signed instanceof ClientError) return { ...info, doubt: signed.reason };
		return { ...info, ...(signed && { readerId: signed.id }) };
	} catch (error) {
		client.session = undefined;
		throw error;
	}
}

/** A reader without a site proves its key, which is new, and is held to that one from now on. */
export async function meetAnew(
	client: ProvisioningClient,
	crypto: Crypto,
	secret: Uint8Array,
): Promise<Uint8Array> {
	const introduction = new Introduction(crypto, client.id, secret);
	const reader = await client.request("challenge", introduction.request);
	introduction.check(reader);
	client.reader = reader.key;
	return reader.key;
}

/** What the site has signed for the reader; or why that makes it no door, for work that goes on all the same. */
function signedFor(credential: () => ReaderCredential, anyway: boolean): ReaderCredential | ClientError {
	try {
		return credential();
	} catch (error) {
		if (anyway && error instanceof ClientError) return error;
		throw error;
	}
}

/** Throws where the reader has not proved the key that it has named, or its door is not the one that it says it has, or is wanted. */
function checkDoor(
	info: ReaderInfo,
	reader: ReaderProof,
	wanted: string | undefined,
	signed: () => ReaderCredential | ClientError,
): ReaderCredential | ClientError {
	if (info.key === undefined || !equal(info.key, reader.key))
		throw new ClientError("false-reader", "what answers proves another key than it has named");
	const credential = signed();
	const door = credential instanceof ClientError ? info.door : credential.subject;
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
	return credential;
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
