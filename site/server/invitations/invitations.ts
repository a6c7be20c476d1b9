// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import type { Caller } from "../api/caller.js";
import { Problem } from "../api/problem.js";
import type { Site } from "../api/site.js";
import { isMailAddress } from "../messages/mail.js";
import { MAX_QUEUED } from "../messages/outbox.js";
import { messageSettings } from "../messages/settings.js";
import { e164 } from "../messages/sms.js";
import { newSecret } from "../secrets.js";
import { type Invitation, OPEN_STATES, type StoredState, type Way } from "../store/invitations.js";
import type { Store } from "../store/store.js";
import type { User } from "../store/users.js";
import { issueKey } from "./issue.js";

/** For so long a link may be accepted, s. */
export const LINK_LIFE = 7 * 86_400;
/** Links of one person that may be open at a time. */
const MAX_OPEN = 5;
const HOUR_S = 3600;
/** Links in an hour that a person is sent at most, and that an administrator sends. */
const MAX_OF_USER = 6;
const MAX_BY_MAKER = 2000;

export interface Made {
	readonly invitation: Invitation;
	/** To hand over; it is told this once, since the store has its hash alone. */
	readonly link: string | undefined;
}

export interface InvitationOptions {
	/** A credential of the same person that is revoked when this is accepted. */
	readonly replaces?: string | undefined;
	/** Nothing is sent yet. */
	readonly draft?: boolean | undefined;
}

/** What administrators do with invitations. Each refusal is a `Problem` or a `Failure`. */
export class Invitations {
	readonly #site: Site;

	constructor(site: Site) {
		this.#site = site;
	}

	async make(
		by: Caller,
		user: User,
		way: Way,
		{ draft = false, replaces }: InvitationOptions = {},
	): Promise<Made> {
		const { crypto, now, store } = this.#site;
		await this.#mayInvite(user, way);
		if (replaces !== undefined && !isLive(user, replaces))
			throw new Problem(409, "no-such-credential", "this person has no such credential to replace");
		if ((await store.invitations.open(user.id, now())).length >= MAX_OPEN)
			throw new Problem(
				409,
				"too-many-open",
				`this person has ${MAX_OPEN} invitations that wait: withdraw some`,
			);
		const id = randomBytes(8).toString("hex");
		const { link, state, token } = draft ? DRAFT : linkFor(way);
		await this.#write(id, state, async (tx) => {
			await tx.invitations.add(
				{
					...{ id, user: user.id, way, state, replaces, maker: by.id, made: now(), until: now() + LINK_LIFE },
					...{ reason: undefined, sent: state === "sent" ? now() : undefined },
					...{ opened: undefined, accepted: undefined },
				},
				link,
			);
			if (!draft) await this.#count(tx, by, user);
			const details = { invitation: id, by: way, ...(replaces && { replaces }) };
			await tx.actions.add(this.#site.action(by, "invite", user.id, details), crypto);
		});
		return this.#made(id, token);
	}

	/** A new link takes the place of the one before. Also of what has expired or bounced, and of a draft. */
	async resend(by: Caller, invitation: Invitation, user: User): Promise<Made> {
		const { crypto, now } = this.#site;
		const { id, way } = invitation;
		await this.#mayInvite(user, way);
		const { link, state, token } = linkFor(way);
		await this.#write(id, state, async (tx) => {
			if (!(await tx.invitations.relink(id, link, state, now(), now() + LINK_LIFE)))
				throw notOpen(invitation);
			await this.#count(tx, by, user);
			await tx.actions.add(this.#site.action(by, "resend-invitation", user.id, { invitation: id }), crypto);
		});
		return this.#made(id, token);
	}

	async withdraw(by: Caller, invitation: Invitation): Promise<void> {
		const { crypto } = this.#site;
		const { id } = invitation;
		await this.#write(id, "withdrawn", async (tx) => {
			if (!(await tx.invitations.withdraw(id))) throw notOpen(invitation);
			await tx.actions.add(
				this.#site.action(by, "withdraw-invitation", invitation.user, { invitation: id }),
				crypto,
			);
		});
	}

	/** What has to be so before somebody gets a link that a phone cannot use. */
	async #mayInvite(user: User, way: Way): Promise<void> {
		const { address, crypto, keys, now, store } = this.#site;
		if (address.forLinks === undefined)
			throw new Problem(
				409,
				"no-https",
				"phones make their key at HTTPS alone: start the server with --public-url https://HOST, where a proxy with a certificate is in front, or with --tls-cert and --tls-key",
			);
		issueKey(keys.keys, now(), crypto);
		if (way === "link") return;
		const { mail, sms } = await messageSettings(store);
		if ((way === "email" ? mail : sms) === undefined)
			throw way === "email"
				? new Problem(409, "no-mail", "the site has no mail server yet: set it up in the settings")
				: new Problem(409, "no-sms", "the site has no SMS gateway yet: set it up in the settings");
		const to = way === "email" ? user.email : user.phone;
		const what = way === "email" ? "e-mail address" : "telephone number";
		if (to === undefined) throw new Problem(422, "no-address", `this person has no ${what}`);
		if (!(way === "email" ? isMailAddress(to) : e164(to) !== undefined))
			throw new Problem(
				422,
				"bad-address",
				way === "email"
					? "this person's e-mail address is none"
					: "this person's telephone number is none with its country, as +43 660 1234567",
			);
		if ((await store.messages.count()) >= MAX_QUEUED)
			throw new Problem(503, "queue-full", "too many messages wait to be sent: look at those first");
	}

	/** Throws `Problem` where a person, or an administrator, is at the end of what an hour has. */
	async #count(tx: Store, by: Caller, user: User): Promise<void> {
		const now = this.#site.now();
		const { maker, user: ofUser } = await tx.invitations.countInvite(user.id, by.id, now, now - HOUR_S);
		if (ofUser > MAX_OF_USER)
			throw new Problem(
				429,
				"too-many-for-person",
				`a person is sent ${MAX_OF_USER} links in an hour at most`,
				600,
			);
		if (maker > MAX_BY_MAKER)
			throw new Problem(
				429,
				"too-many-invitations",
				`you send ${MAX_BY_MAKER} links in an hour at most`,
				600,
			);
	}

	async #write(id: string, state: StoredState, work: (tx: Store) => Promise<void>): Promise<void> {
		const { feed, now, outbox, store } = this.#site;
		await store.transaction(async (tx) => {
			await work(tx);
			if (state === "queued") await tx.messages.add("invitation", id, now());
			await tx.feed.add({ at: now(), kind: "invitation", door: undefined, body: { invitation: id, state } });
		});
		feed.look();
		if (state === "queued") outbox.look();
	}

	async #made(id: string, token: string | undefined): Promise<Made> {
		const { store } = this.#site;
		const invitation = (await store.invitations.find(id))!;
		return { invitation, link: token === undefined ? undefined : linkOf(this.#site, token) };
	}
}

/** The page behind a link. */
export function linkOf({ address }: Pick<Site, "address">, token: string): string {
	return `${address.forLinks}/i/${token}`;
}

const DRAFT = { state: "draft", link: undefined, token: undefined } as const;

/** The link of a message is made when that is sent, so that none stands in the store. */
function linkFor(
	way: Way,
):
	| { state: "sent"; link: Uint8Array; token: string }
	| { state: "queued"; link?: undefined; token?: undefined } {
	if (way !== "link") return { state: "queued" };
	const { hash: link, text: token } = newSecret();
	return { state: "sent", link, token };
}

function isLive({ credentials }: User, id: string): boolean {
	return credentials.some((credential) => credential.id === id && !credential.entry.revoked);
}

function notOpen({ state }: Invitation): Problem {
	const is = OPEN_STATES.includes(state) ? "changed meanwhile" : state;
	return new Problem(409, "not-open", `this invitation is ${is}: invite the person again`);
}
