// SPDX-License-Identifier: Apache-2.0

/** The list that follows a site's newest: each function gives what it says. All throw `Failure`. */
import { equal } from "../../../protocol/bytes.js";
import { EDDSA } from "../../../protocol/credential/cose.js";
import {
	KID,
	MAX_DOORS,
	MAX_KEYS,
	MAX_LIST,
	MAX_REVOKED,
	MAX_ROOTS,
	MAX_SYNC_LIFE,
	type Role,
	type TrustList,
} from "../../../protocol/trust/list.js";
import { Failure } from "../files/failure.js";
import { isPublicKey } from "../public-key.js";
import { fingerprintOf, isNamedBy } from "./fingerprint.js";
import { type KeyModel, modelOf, sizeOf, type TrustModel } from "./model.js";

/** Roles of keys that sign nothing which would be void without them. */
const PROVING: readonly Role[] = ["sync", "install"];

/** The same as the newest, one version on. `now`: seconds since 1970; a list is not issued before the one that it follows. */
function following(trust: TrustList, now: number): TrustModel {
	return { ...modelOf(trust), version: trust.version + 1, issued: Math.max(now, trust.issued) };
}

/** Whether a root or key of the list begins as this one: two of one `kid` have no place in a list. */
export function isKidTaken({ keys, roots }: TrustList, publicKey: Uint8Array): boolean {
	const begins = (other: Uint8Array): boolean => equal(other.subarray(0, KID), publicKey.subarray(0, KID));
	return roots.some(begins) || keys.some((key) => begins(key.publicKey));
}

/** Refuses what no list takes of a new key. */
export function checkKey({ days, doors = [], roles, until }: Omit<KeyModel, "publicKey">, now: number): void {
	if (roles.some((role) => PROVING.includes(role)) && until === undefined)
		throw new Failure(
			"usage",
			"no-end",
			`a key with the role ${roles.join(" and ")} has to have an end`,
			"Give --until: the day from which a lost laptop or a lost server is worth nothing.",
		);
	if (roles.includes("sync") && until! > now + MAX_SYNC_LIFE)
		throw new Failure(
			"usage",
			"too-long",
			`a key with the role sync has an end within ${MAX_SYNC_LIFE / 86_400} days`,
			"Give an earlier --until, and make the next key before it.",
		);
	if (days !== undefined && !roles.includes("issue"))
		throw new Failure(
			"usage",
			"no-issue",
			"--days limits what a key with the role issue signs, and this one has not that role",
			"Leave --days out; --until is the key's own end.",
		);
	if (doors.length > MAX_DOORS)
		throw new Failure(
			"usage",
			"too-many-doors",
			`a key is for at most ${MAX_DOORS} doors, or without --door for all`,
			"Make several keys.",
		);
}

/** With one more key. Where there is no room, keys leave that are not needed in the list: what they signed is void, or they signed nothing. */
export function withKey(trust: TrustList, key: KeyModel, now: number): TrustModel {
	const next = following(trust, now);
	const all = { ...next, keys: [...next.keys, key] };
	return room(fits(all) ? all : { ...all, keys: all.keys.filter((one) => !isSpent(one, now)) });
}

function isSpent({ roles, state, until }: KeyModel, now: number): boolean {
	if (state === "stolen") return true;
	const ended = state === "ended" || (until !== undefined && until <= now);
	return ended && roles.every((role) => PROVING.includes(role));
}

/** With one more root. */
export function withRoot(trust: TrustList, publicKey: Uint8Array, now: number): TrustModel {
	if (!isPublicKey({ algorithm: EDDSA, publicKey }))
		throw new Failure(
			"input",
			"bad-key",
			"that is no public key of Ed25519",
			"Give the 64 digits that `lintel site root` prints.",
		);
	if (trust.isRoot(publicKey))
		throw new Failure("input", "already", "that root is in the list already", "There is nothing to do.");
	if (isKidTaken(trust, publicKey))
		throw new Failure(
			"input",
			"kid-taken",
			`another key of the list begins with ${fingerprintOf(publicKey).slice(0, 9)} as well`,
			"Make another root by `lintel site root`.",
		);
	if (trust.roots.length === MAX_ROOTS)
		throw new Failure(
			"input",
			"too-many-roots",
			`the list has ${MAX_ROOTS} roots, and takes no more`,
			"End one of them first by `lintel site revoke`.",
		);
	const next = following(trust, now);
	return room({ ...next, roots: [...next.roots, publicKey] });
}

/** With `to` in the place of the root `from`. */
export function withRotated(trust: TrustList, from: Uint8Array, to: Uint8Array, now: number): TrustModel {
	const next = following(trust, now);
	return { ...next, roots: next.roots.map((root) => (equal(root, from) ? to : root)) };
}

/** What a fingerprint means in a list. */
export interface Named {
	readonly publicKey: Uint8Array;
	/** `undefined`: a root. */
	readonly roles?: readonly Role[];
}

/** The key or root of that fingerprint. */
export function named(trust: TrustList, fingerprint: string): Named {
	const { keys, roots } = modelOf(trust);
	const found: Named | undefined =
		keys.find(({ publicKey }) => isNamedBy(publicKey, fingerprint)) ??
		roots.map((publicKey) => ({ publicKey })).find(({ publicKey }) => isNamedBy(publicKey, fingerprint));
	if (found !== undefined) return found;
	throw new Failure(
		"input",
		"unknown-key",
		`the list of site ${trust.site} has no key with the fingerprint ${fingerprint}`,
		"`lintel site show` lists the fingerprints.",
	);
}

/**
 * Without the root `publicKey`, or with that key ended, or stolen. The epoch rises where a thief may have signed plans: whatever
 * version they have, they are of an older epoch. `by`: the root that is to sign.
 */
export function withRevoked(
	trust: TrustList,
	{ publicKey, roles }: Named,
	{ by, now, stolen }: { readonly by: Uint8Array; readonly now: number; readonly stolen: boolean },
): TrustModel {
	const next = following(trust, now);
	const epoch = stolen && (roles === undefined || roles.includes("plan")) ? next.epoch + 1 : next.epoch;
	if (roles === undefined) {
		if (next.roots.length <= next.threshold)
			throw new Failure(
				"input",
				"last-root",
				"without this root no list of the site could be signed any more",
				"`lintel site rotate` puts a new one in its place; `lintel site second` takes another administrator's in.",
			);
		if (equal(publicKey, by))
			throw new Failure(
				"input",
				"own-root",
				"a root cannot sign a list that it is not in",
				"Give another root's file as --root-key; or put a new root in this one's place by `lintel site rotate`.",
			);
		return { ...next, epoch, roots: next.roots.filter((root) => !equal(root, publicKey)) };
	}
	const state = stolen ? "stolen" : "ended";
	const was = trust.findKey(publicKey)!.state;
	if (was === "stolen" || was === state)
		throw new Failure(
			"input",
			"already",
			`that key is ${was} already, by list ${trust.version} at the latest`,
			"Readers know it from the list: connect `lintel` to those that have not taken it.",
		);
	const keys = next.keys.map((key): KeyModel => (equal(key.publicKey, publicKey) ? { ...key, state } : key));
	// Without a key that readers were commissioned by none is believed, revoked by its id or not.
	const areReaders = keys.some((key) => key.roles.includes("commission") && key.state !== "stolen");
	return { ...next, epoch, keys, revoked: areReaders ? next.revoked : [] };
}

/** With the credential of a reader revoked, by its id of 8 bytes. */
export function withoutReader(trust: TrustList, id: Uint8Array, now: number): TrustModel {
	if (trust.isRevoked(id))
		throw new Failure("input", "already", "that reader is revoked already", "There is nothing to do.");
	if (trust.revoked.length === MAX_REVOKED)
		throw new Failure(
			"input",
			"too-many-readers",
			`the list has ${MAX_REVOKED} revoked readers, and takes no more`,
			"Room is made where all keys with the role commission are revoked by --stolen: sign for the readers that are left by another (`lintel certify`).",
		);
	const next = following(trust, now);
	return room({ ...next, revoked: [...next.revoked, id] });
}

function fits(model: TrustModel): boolean {
	return model.keys.length <= MAX_KEYS && sizeOf(model) <= MAX_LIST;
}

function room(model: TrustModel): TrustModel {
	if (fits(model)) return model;
	throw model.keys.length > MAX_KEYS
		? new Failure(
				"input",
				"too-many-keys",
				`the list has ${MAX_KEYS} keys, and takes no more`,
				"An installer's key that has ended makes room, and one that was stolen: `lintel site revoke`.",
			)
		: new Failure(
				"input",
				"list-too-large",
				`the list would have ${sizeOf(model)} bytes, and a reader takes ${MAX_LIST}`,
				"Name fewer doors, or none for all.",
			);
}
