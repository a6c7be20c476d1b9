// SPDX-License-Identifier: Apache-2.0

/** What a site says now of a credential: where it is active, its newest trust lists, renewed CWTs. By the page, and by its service worker. */
import { anchorList, takeLists } from "../../../phone/site-trust.js";
import { fromHex } from "../../../protocol/bytes.js";
import { Refused } from "../api.js";
import { aheadOf } from "./clock.js";
import { idOf, portable } from "./credential.js";
import { change, type HeldCredential, held } from "./keyring.js";
import { askSigned, type Told } from "./site-api.js";

interface State extends Told {
	/** Trust lists after the phone's, oldest first, hexadecimal. */
	readonly lists?: readonly string[];
	/** Renewed CWTs, hexadecimal. */
	readonly renewed?: string;
	readonly code?: string;
}

/** The site knows the credential no more, or has revoked it. */
const WITHDRAWN: readonly string[] = Object.freeze(["revoked", "withdrawn", "unknown-credential"]);

/** Asks, checks and keeps it. Throws `Refused`. */
export async function refresh(one: HeldCredential): Promise<void> {
	const trust = anchorList(one.trust, portable);
	if (typeof trust === "string") throw new Refused(0, "no-site", `the trust list is ${trust}`);
	const sent = Date.now();
	const state = await stateOf(one, trust.list.version);
	if (state === undefined) {
		await change(one.id, { withdrawn: true });
		return;
	}
	const { code, renewed, lists = [], ...told } = state;
	const taken = takeLists(trust, lists.map(fromHex), portable);
	if (typeof taken === "string") throw new Refused(0, "no-site", `a newer trust list is ${taken}`);
	await change(one.id, {
		...{ told, withdrawn: false, ahead: aheadOf(told.now, sent, Date.now()), trust: taken.signed },
		...(renewed !== undefined && { credential: sameOne(one, renewed) }),
		...(code !== undefined && { code: sameOne(one, code) }),
	});
}

/** `undefined`: the site has ended the credential. */
async function stateOf(one: HeldCredential, list: number): Promise<State | undefined> {
	try {
		return await askSigned<State>(one, "POST", "/api/phone/state", { list, expires: one.told.expires });
	} catch (error) {
		if (error instanceof Refused && WITHDRAWN.includes(error.reason)) return undefined;
		throw error;
	}
}

/** A renewed CWT is of the same id and key. */
function sameOne(one: HeldCredential, hex: string): Uint8Array {
	const cwt = fromHex(hex);
	if (idOf(cwt, one.publicKey, one.site) !== one.credentialId)
		throw new Refused(0, "no-site", "the renewed credential is another one");
	return cwt;
}

/** All that the phone holds; those whose site does not answer stay as they are. */
export async function refreshAll(): Promise<void> {
	for (const one of await held()) await refresh(one).catch(ignoreRefused);
}

function ignoreRefused(error: unknown): void {
	if (!(error instanceof Refused)) throw error;
}
