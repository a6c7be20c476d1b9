// SPDX-License-Identifier: Apache-2.0

/** What the site has signed for the reader's keys: how it is checked, and the command by which it is replaced. */

import { equal } from "../../protocol/bytes.js";
import type { CborMap } from "../../protocol/cbor/value.js";
import { CredentialError, verifyReader } from "../../protocol/credential/credential.js";
import type { Crypto } from "../../protocol/crypto.js";
import { CONFIGURATION_CHANGES, EVENTS } from "../../protocol/events.js";
import { ProvisioningError } from "../../protocol/provisioning/error.js";
import type { Applied, Member } from "../../protocol/provisioning/messages.js";
import type { TrustList } from "../../protocol/trust/list.js";
import { readDoor } from "../config/state.js";
import type { ConfigStore, ReaderKey } from "../config/store.js";
import type { ProvisioningTarget } from "./target.js";

/** By which credentials are judged, and for whose keys they are. */
interface Judge {
	readonly crypto: Crypto;
	readonly device: Pick<ProvisioningTarget, "knownTime">;
	readonly keys: readonly ReaderKey[];
	readonly trust: TrustList;
}

/** Throws "bad-credential" where they do not make the reader, key by key, the one of the door, by keys that may do so now. */
export function checkCredentials(
	{ credentials, door }: Member,
	{ crypto, device: { knownTime }, keys, trust }: Judge,
): void {
	for (let i = 0; i < credentials.length; i++) {
		try {
			const { by, key, subject } = verifyReader(credentials[i]!, trust, crypto, knownTime);
			const refusal = by.refusalAt("commission", door, knownTime ?? trust.issued);
			if (refusal !== undefined) throw new CredentialError(refusal, "commission");
			const own = keys[i]!;
			if (own.algorithm !== key.algorithm || subject !== door || !samePoint(own.publicKey, key.publicKey))
				throw new ProvisioningError("bad-credential", "is not for this reader and door");
		} catch (error) {
			if (error instanceof CredentialError) throw new ProvisioningError("bad-credential", error.message);
			throw error;
		}
	}
}

/** Puts new credentials in the place of those that the reader has; all else of it stays. It starts again to show them. */
export function certify(
	store: ConfigStore,
	device: ProvisioningTarget,
	crypto: Crypto,
	{ credentials = null }: CborMap,
): Applied {
	const { config, keys, lists, membership } = store;
	if (membership === undefined)
		throw new ProvisioningError("not-commissioned", "this reader has no door yet");
	const member = readDoor({ door: membership.door, credentials });
	if (member === undefined) throw new ProvisioningError("malformed", "no credentials");
	checkCredentials(member, { crypto, device, keys: keys!, trust: lists.newest });
	store.setCredentials(member.credentials);
	device.record(EVENTS.configuration, CONFIGURATION_CHANGES.certified, store.revision);
	return { revision: store.revision, restart: device.configured(config!) };
}

/** Whether two P-256 keys are one point. One may be compressed (SEC 1 2.3.3), so x and the sign of y are compared. */
function samePoint(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length === 32 || b.length === 32) return equal(a, b);
	const odd = (point: Uint8Array): number => point[point.length === 65 ? 64 : 0]! & 1;
	return odd(a) === odd(b) && equal(a.subarray(1, 33), b.subarray(1, 33));
}
