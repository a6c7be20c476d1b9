// SPDX-License-Identifier: Apache-2.0

import { equal } from "../../../protocol/bytes.js";
import type { CborMap } from "../../../protocol/cbor/value.js";
import type { ReaderConfig } from "../../../protocol/config/document.js";
import type { ServerSettings } from "../../../protocol/config/server.js";
import { ID_LENGTH } from "../../../protocol/credential/credential.js";
import { issueCredential } from "../../../protocol/credential/issue.js";
import type { Crypto } from "../../../protocol/crypto.js";
import type { Member, MessageKey, ParametersOf, ReplyOf } from "../../../protocol/provisioning/messages.js";
import type { SiteLists } from "../keys-text.js";
import { randomBytes } from "../random.js";
import type { SigningKey } from "../site-keys.js";
import { meetAnew } from "./authority.js";
import type { ProvisioningClient, Requester } from "./client.js";
import { ClientError } from "./errors.js";
import { sendLists } from "./send-lists.js";
import { unknownSettings, without } from "./version-skew.js";

/** What makes a reader without a site a door of one. */
export interface Commission {
	readonly site: SiteLists;
	/** A key with the role `commission`. */
	readonly by: SigningKey;
	readonly configuration: ReaderConfig;
	/** Of the site's server, where it has one. */
	readonly server?: ServerSettings | undefined;
	/** The log of a former site goes; a reader that has one refuses otherwise. */
	readonly eraseLog: boolean;
	readonly crypto: Crypto;
}

/** A reader that is a door from now on; it starts again. */
export interface Commissioned {
	/** Its Ed25519 key. */
	readonly key: Uint8Array;
	/** Of its credentials: by which the site revokes it. */
	readonly id: Uint8Array;
	readonly reply: ReplyOf<"finish">;
}

/**
 * Makes a reader that has no site the one of a door. `finishing` is told the reader's key before the last step, whose reply may be lost.
 * Throws `ClientError`.
 */
export async function commission(
	reader: ProvisioningClient,
	{ by, configuration, crypto, eraseLog, server, site }: Commission,
	finishing: (key: Uint8Array) => void = () => {},
): Promise<Commissioned> {
	const keys = await drawnKeys(reader, crypto);
	await sendLists(reader, site.lists);
	const id = randomBytes(ID_LENGTH);
	const member = memberOf(site.trust.site, by, configuration.id, keys, id);
	const key = keys[0]!.publicKey;
	finishing(key);
	const reply = await finish(reader, configuration, {
		member,
		...(eraseLog && { eraseLog }),
		...(server && { server }),
	});
	return { key, id, reply };
}

/** New keys of a reader without a site; it has proved the first of them. */
async function drawnKeys(reader: ProvisioningClient, crypto: Crypto): Promise<readonly MessageKey[]> {
	const { keys } = await reader.request("begin");
	// What is in the cable may have put in another.
	const proved = await meetAnew(reader, crypto, randomBytes(32));
	if (!equal(keys[0]!.publicKey, proved))
		throw new ClientError("false-reader", "what answers gives another key than the one that it has proved");
	return keys;
}

/**
 * What makes a reader with these keys the one of `door` of `site`, whose lists it has: a credential for each of its own by `by`,
 * all with one `id` (8 random bytes), by which the site revokes the reader.
 */
export function memberOf(
	site: string,
	by: SigningKey,
	door: string,
	keys: readonly MessageKey[],
	id: Uint8Array,
): Member {
	return {
		door,
		credentials: keys.map((key) => issueCredential({ issuer: site, subject: door, id, key }, by.signer)),
	};
}

/** A reader without a configuration tells which settings it does not know by refusing them, and changes nothing. */
async function finish(
	reader: Requester,
	wanted: ReaderConfig,
	rest: Omit<ParametersOf<"finish">, "configuration">,
): Promise<ReplyOf<"finish">> {
	const unknown: string[] = [];
	let configuration: CborMap = wanted;
	for (;;) {
		try {
			return await reader.request("finish", { ...rest, configuration });
		} catch (error) {
			const settings = unknownSettings(error);
			if (settings === undefined) throw error;
			unknown.push(...settings);
			const less = without(wanted, unknown);
			// A reader that names what it was not sent is none that this helps.
			if (less === undefined || JSON.stringify(less) === JSON.stringify(configuration)) throw error;
			configuration = less;
		}
	}
}
