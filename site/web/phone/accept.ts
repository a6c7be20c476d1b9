// SPDX-License-Identifier: Apache-2.0

import { sha256 } from "@noble/hashes/sha2.js";
/** From a link to a credential on this phone. The private key never leaves the browser, and nothing that is sent or stored opens a door without it. */
import { anchorList } from "../../../phone/site-trust.js";
import { fromHex, toHex, utf8Encode } from "../../../protocol/bytes.js";
import { ENROLMENT_VERSION, type Enrolment } from "../../lib/enrolment.js";
import { acceptMessage } from "../../lib/phone-request.js";
import { Refused } from "../api.js";
import { aheadOf } from "./clock.js";
import { idOf, portable } from "./credential.js";
import { type HeldCredential, hold, keepPending, type PendingKey, pending } from "./keyring.js";
import type { Link } from "./link.js";

import { newKey, signBy } from "./own-key.js";
import { ask, type Offer, type Told } from "./site-api.js";

interface Accepted extends Told {
	readonly enrolment: Enrolment;
	/** The CWT for scanners, in hexadecimal. */
	readonly code?: string;
}

/** What the link offers. It changes nothing. Throws `Refused`. */
export function offerOf({ origin, token }: Link): Promise<Offer> {
	return ask(origin, "GET", `/api/phone/invitations/${token}`, undefined, { "lintel-page": "1" });
}

/** Makes the key, proves it, and keeps what the site gives. Throws `Refused`, or what the browser says where it stores nothing. */
export async function accept(link: Link): Promise<HeldCredential> {
	const key = await keyFor(link);
	const signature = await signBy(key.privateKey, acceptMessage(link.token));
	const body = {
		token: link.token,
		publicKey: toHex(key.publicKey),
		signature: toHex(signature),
	};
	const sent = Date.now();
	const answer = await ask<Accepted>(link.origin, "POST", "/api/phone/accept", JSON.stringify(body));
	const held = heldOf(link, key, answer, aheadOf(answer.now, sent, Date.now()));
	await hold(held);
	// Where the browser says no, the page says so: storage may be cleared when the phone runs out of it.
	await navigator.storage?.persist?.();
	return held;
}

/** The same key after an answer that was lost: the site then gives the same answer again. */
async function keyFor({ hash }: Link): Promise<PendingKey> {
	const before = await pending(hash);
	if (before !== undefined) return before;
	const made: PendingKey = { ...(await newKey()), link: hash };
	await keepPending(made);
	return made;
}

function heldOf(link: Link, key: PendingKey, answer: Accepted, ahead: number): HeldCredential {
	const { enrolment, code, ...told } = answer;
	if (enrolment?.invitation !== ENROLMENT_VERSION)
		throw new Refused(0, "no-site", "the site speaks another version than this page");
	const trust = fromHex(enrolment.trust);
	const list = anchorList(trust, portable);
	if (typeof list === "string") throw new Refused(0, "no-site", `the site's trust list is ${list}`);
	const { site } = list.list;
	const credential = fromHex(enrolment.credential);
	const credentialId = idOf(credential, key.publicKey, site);
	if (code !== undefined && idOf(fromHex(code), key.publicKey, site) !== credentialId)
		throw new Refused(0, "no-site", "the site's two credentials are not of one person");
	return {
		...{ publicKey: key.publicKey, privateKey: key.privateKey, link: link.hash },
		...{ origin: link.origin, credentialId, site, trust, credential, told, ahead },
		id: toHex(sha256(utf8Encode(`${link.origin} ${credentialId}`)).subarray(0, 16)),
		code: code === undefined ? undefined : fromHex(code),
		withdrawn: false,
	};
}
