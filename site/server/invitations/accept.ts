// SPDX-License-Identifier: Apache-2.0

import { equal } from "../../../protocol/bytes.js";
import { EDDSA } from "../../../protocol/credential/cose.js";
import { type Enrolment, enrolmentOf } from "../../lib/enrolment.js";
import { acceptMessage } from "../../lib/phone-request.js";
import { isPublicKey } from "../../lib/public-key.js";
import type { SigningKey } from "../../lib/site-keys.js";
import { Problem } from "../api/problem.js";
import type { Site } from "../api/site.js";
import type { Change, Content } from "../content.js";
import { hashOf } from "../secrets.js";
import { type Invitation, type InvitedPhone, OPEN_STATES } from "../store/invitations.js";
import type { Credential, User } from "../store/users.js";
import { type Cwts, cwtsOf, issueKey, lifeOf, renewed, type Terms } from "./issue.js";
import { phoneSettings } from "./phone-settings.js";

/** A phone that has a credential, and whose it is. */
export interface Accepted {
	readonly invitation: Invitation;
	readonly user: User;
	readonly enrolment: Enrolment;
	/** The CWT for scanners, where it has one. */
	readonly code: Uint8Array | undefined;
}

/** What phones do with the links of invitations. Each refusal is a `Problem` or a `Failure`. */
export class Acceptance {
	readonly #site: Site;

	constructor(site: Site) {
		this.#site = site;
	}

	/** What a link is about. Throws where it is none, or is worth nothing any more. */
	async find(token: string): Promise<{ invitation: Invitation; user: User }> {
		const { now, planner, store } = this.#site;
		const invitation = await store.invitations.findLink(hashOf(token));
		if (invitation === undefined)
			throw new Problem(
				404,
				"unknown-link",
				"this link is not good: it was replaced by a newer one, or is not whole",
			);
		const user = planner.content.users.find(({ id }) => id === invitation.user);
		const isOpen = OPEN_STATES.includes(invitation.state);
		const isGone = user === undefined || !(isOpen || isAccepted(invitation, user));
		if (isGone) throw new Problem(410, "withdrawn", "this invitation was withdrawn");
		if (isOpen && invitation.until <= now())
			throw new Problem(
				410,
				"expired",
				"this invitation was good for seven days, which are over: ask for another",
			);
		return { invitation, user };
	}

	/** The link's page was looked at in a browser, which says so. */
	async opened(invitation: Invitation): Promise<void> {
		const { feed, now, store } = this.#site;
		if (!OPEN_STATES.includes(invitation.state) || invitation.state === "opened") return;
		await store.transaction(async (tx) => {
			if (await tx.invitations.opened(invitation.id, now()))
				await tx.feed.add({ ...NEWS, at: now(), body: { invitation: invitation.id, state: "opened" } });
		});
		feed.look();
	}

	/** The phone with this key gets the credential; it alone gets it again, where the answer was lost. */
	async accept(token: string, publicKey: Uint8Array, signature: Uint8Array): Promise<Accepted> {
		const { crypto } = this.#site;
		const { invitation } = await this.find(token);
		if (
			!isPublicKey({ algorithm: EDDSA, publicKey }) ||
			!crypto.ed25519Verify(signature, acceptMessage(token), publicKey)
		)
			throw new Problem(403, "bad-proof", "the phone has not proved that it has this key");
		if (invitation.phone === undefined) await this.#take(invitation, hashOf(token), publicKey);
		const now = await this.find(token);
		const { phone } = now.invitation;
		if (phone === undefined || !equal(phone.publicKey, publicKey)) throw used();
		const { code, radio } = cwtsOf(this.#site.id, phone, this.#key(), await this.#terms(now.invitation));
		return { ...now, enrolment: enrolmentOf(this.#site.keys.keys, (radio ?? code)!), code };
	}

	/**
	 * Renewed CWTs of a phone whose own are near their end; `undefined`: they are not. `has`: when those end that the phone says it has. Where
	 * the answer with later ones was lost, it gets them again.
	 */
	async renew(
		invitation: Invitation,
		has = Number.POSITIVE_INFINITY,
	): Promise<{ phone: InvitedPhone; cwts: Cwts } | undefined> {
		const { id, keys, now, store } = this.#site;
		const key = this.#key();
		const terms = await this.#terms(invitation);
		const before = invitation.phone!;
		const signed = renewed(keys.keys, before, key, terms, now());
		if (signed === undefined && has >= before.expires) return undefined;
		const phone = { ...before, ...signed };
		if (signed !== undefined) await store.invitations.renewed(invitation.id, signed);
		return { phone, cwts: cwtsOf(id, phone, key, terms) };
	}

	#key(): SigningKey {
		const { crypto, keys, now } = this.#site;
		return issueKey(keys.keys, now(), crypto);
	}

	async #terms({ user }: Invitation): Promise<Terms> {
		const { store } = this.#site;
		const { codes, credentialDays: days } = await phoneSettings(store);
		return { pass: await store.passes.find(user), days, codes: codes === "everyone" };
	}

	/** Where another phone was first, or the link is another by now, nothing is changed. */
	async #take(invitation: Invitation, link: Uint8Array, publicKey: Uint8Array): Promise<void> {
		const { feed, keys, now, planner } = this.#site;
		const life = lifeOf(keys.keys, this.#key(), await this.#terms(invitation), now());
		const credential = await planner.newCredentialId();
		const phone: InvitedPhone = { credential, publicKey, ...life, seen: now() };
		const { id, replaces, user } = invitation;
		const details = { invitation: id, credential, ...(replaces && { replaces }) };
		const action = { at: now(), by: credential, what: "accept-invitation", to: user, details };
		try {
			await planner.edit(
				(content) => withPhone(content, invitation, phone),
				action,
				async (tx) => {
					if (!(await tx.invitations.accept(id, link, phone))) throw new Taken("another phone was first");
					await tx.feed.add({ ...NEWS, at: now(), body: { invitation: id, state: "accepted" } });
				},
			);
		} catch (error) {
			if (!(error instanceof Taken)) throw error;
		}
		feed.look();
	}
}

const NEWS = { kind: "invitation", door: undefined } as const;

/** The invitation is not open any more. */
class Taken extends Error {
	override readonly name = "Taken";
}

function used(): Problem {
	return new Problem(
		409,
		"used",
		"another phone has accepted this invitation: a link is good for one. Ask for another",
	);
}

/** Its user with the new credential, without the one that it replaces. */
function withPhone({ users }: Content, { replaces, user: id }: Invitation, phone: InvitedPhone): Change[] {
	const user = users.find((one) => one.id === id);
	if (user === undefined) throw new Problem(410, "withdrawn", "this invitation was withdrawn");
	const kept = user.credentials.map((one) =>
		one.id === replaces ? { ...one, entry: { ...one.entry, revoked: true } } : one,
	);
	const { credential, issued, publicKey } = phone;
	const added: Credential = { id: credential, entry: {}, publicKey, issued };
	return [{ kind: "user", id, user: { ...user, credentials: [...kept, added] } }];
}

function isAccepted({ phone }: Invitation, { credentials }: User): boolean {
	return credentials.some(({ entry, id }) => id === phone?.credential && !entry.revoked);
}
