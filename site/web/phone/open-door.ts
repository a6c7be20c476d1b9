// SPDX-License-Identifier: Apache-2.0

/** Opens a door over Web Bluetooth with a credential that this phone holds. */
import { Holder, type HolderResult } from "../../../phone/holder.js";
import { anchorList } from "../../../phone/site-trust.js";
import { openByWebBluetooth } from "../../../phone/web-bluetooth.js";
import { EDDSA } from "../../../protocol/credential/cose.js";
import { CredentialError } from "../../../protocol/credential/credential.js";
import { byKcwt } from "../../../protocol/edhoc/id-cred.js";
import { SERVICE_UUID } from "../../../protocol/link/ble-service.js";
import { siteNow } from "./clock.js";
import { portable } from "./credential.js";
import type { HeldCredential } from "./keyring.js";
import { signBy } from "./own-key.js";

/** After this the phone hangs up, ms: from the connection to the decision are some 2 s. */
const GIVE_UP_MS = 20_000;
const SUITE = 4;

export const hasBluetooth = (): boolean => navigator.bluetooth !== undefined;

/** The browser's list of readers nearby, for which it wants a click; `undefined` where the user closes it. */
export async function chooseReader(): Promise<BluetoothDevice | undefined> {
	try {
		return await navigator.bluetooth.requestDevice({ filters: [{ services: [SERVICE_UUID] }] });
	} catch (error) {
		if (error instanceof DOMException && error.name === "NotFoundError") return undefined;
		throw error;
	}
}

/** What the door decided, or why there is no decision. */
export async function openDoor(device: BluetoothDevice, held: HeldCredential): Promise<HolderResult> {
	let result: HolderResult = { kind: "failed", error: new Error("the reader hung up") };
	const trust = anchorList(held.trust, portable);
	if (typeof trust === "string") return { kind: "failed", error: new Error(`the trust list is ${trust}`) };
	const holder = new Holder({
		crypto: portable,
		random: { fill: (into) => into.set(crypto.getRandomValues(new Uint8Array(into.length))) },
		credential: {
			...byKcwt(held.credential),
			algorithm: EDDSA,
			signLater: (message) => signBy(held.privateKey, message),
		},
		suite: SUITE,
		trust: trust.list,
		now: () => siteNow(held),
		onResult: (known) => {
			result = known;
		},
	});
	const giveUp = setTimeout(() => device.gatt?.disconnect(), GIVE_UP_MS);
	try {
		await openByWebBluetooth(device, holder.session());
	} catch (error) {
		// Where the door has decided before the connection was lost, that is what counts.
		if (result.kind === "failed") result = { kind: "failed", error: error as Error };
	} finally {
		clearTimeout(giveUp);
	}
	return result;
}

/** A list that is newer than the phone's: the site is asked for it. */
export function wantsLists(result: HolderResult, held: HeldCredential): boolean {
	if (result.kind === "failed")
		return result.error instanceof CredentialError && result.error.reason === "bad-signature";
	const trust = anchorList(held.trust, portable);
	return typeof trust !== "string" && (result.listVersion ?? 0) > trust.list.version;
}
