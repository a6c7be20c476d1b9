// SPDX-License-Identifier: Apache-2.0

import { compare, fromHex } from "../../../protocol/bytes.js";
import { ACCESS_OTHER_DOOR, FLAG } from "../../../protocol/plan/format.js";
import type { TimeZone } from "../../../protocol/plan/tz.js";
import type { Path, UserEntry } from "./document.js";
import { type RecordModel, tombstone } from "./encode.js";
import { fail, type Validity, validity } from "./moments.js";

/** A credential of the plan file, but for what its user may do at a door. */
export interface ListedCredential {
	/** Place of its user among the plan file's. */
	readonly user: number;
	readonly revoked: boolean;
	readonly record: RecordModel;
}

/** All credentials, by id: the same at each door of a time zone. Throws `PlanDocumentError`. */
export function listCredentials(users: readonly UserEntry[], zone: TimeZone): ListedCredential[] {
	const listed: ListedCredential[] = [];
	const seen = new Map<string, Path>();
	for (const [u, user] of users.entries()) {
		const path = ["users", u];
		const whole = validity(path, user, zone);
		const flags = flagsOf(user);
		for (const [c, credential] of user.credentials.entries()) {
			const at = [...path, "credentials", c];
			if (!/^[0-9a-f]{16}$/i.test(credential.id)) fail([...at, "id"], "is not 16 hexadecimal digits");
			const key = credential.id.toLowerCase();
			const before = seen.get(key);
			if (before !== undefined) fail([...at, "id"], `"${key}" is already at ${before.join(".")}`);
			seen.set(key, at);
			const own = both(at, whole, validity(at, credential, zone));
			const id = fromHex(key);
			const revoked = credential.revoked ?? false;
			const record = revoked ? tombstone(id) : { id, access: ACCESS_OTHER_DOOR, flags, ...own };
			listed.push({ user: u, revoked, record });
		}
	}
	return listed.sort((a, b) => compare(a.record.id, b.record.id));
}

function flagsOf(user: UserEntry): number {
	let flags = 0;
	if (user.suspended) flags |= FLAG.suspended;
	if (user.extended) flags |= FLAG.extended;
	if (user.firstPerson) flags |= FLAG.first;
	if (user.override) flags |= FLAG.override;
	if (user.grace) flags |= FLAG.grace;
	return flags;
}

function both(path: Path, user: Validity, own: Validity): Validity {
	const from = Math.max(user.from, own.from);
	const until = Math.min(user.until, own.until);
	if (until <= from) fail(path, "is never valid: its dates and its user's do not meet");
	return { from, until };
}
