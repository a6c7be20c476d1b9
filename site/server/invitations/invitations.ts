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
import type { Pass } from "../store/passes.js";
import type { Store } from "../store/store.js";
import type { User } from "../store/users.js";
import { issueKey } from "./issue.js";

/** For so long a link may be accepted, s. */
export const LINK_LIFE = 7 * 86_400;
const DAY = 86_400;
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

/** Who invites: an administrator, a token, a user's credential. */
export type By = Pick<Caller, "id">;

export interface InvitationOptions {
	/** A credential of the same person that is revoked when this is accepted. */
	readonly replaces?: string | undefined;
	/** Nothing is sent yet. */
	readonly draft?: boolean | undefined;
	/** When the link is good no longer, seconds since 1970; else a week from now. */
	readonly until?: number | undefined;
}

/** An invitation that may be made; it is once `write` has been done, and `done` tells of it. */
export interface Prepared {
	write(tx: Store): Promise<void>;
	done(): Promise<Made>;
}

/** What administrators do with invitations. Each refusal is a `Problem` or a `Failure`. */
export class Invitations {
	readonly #site: Site;

	constructor(site: Site) {
		this.#site = site;
	}

	async make(by: By, user: User, way: Way, options: InvitationOptions = {}): Promise<Made> {
		const { now, store } = this.#site;
		if (options.replaces !== undefined && !isLive(user, options.replaces))
			throw new Problem(409, "no-such-credential", "this person has no such credential to replace");
		if ((await store.invitations.open(user.id, now())).length >= MAX_OPEN)
			throw new Problem(
				409,
				"too-many-open",
				`this person has ${MAX_OPEN} invitations that wait: withdraw some`,
			);
		const { done, write } = await this.prepare(by, user, way, options);
		await store.transaction(write);
		return done();
	}

	/** Also of a user who is made with it. */
	async prepare(by: By, user: User, way: Way, options: InvitationOptions = {}): Promise<Prepared> {
		await this.#mayInvite(user, way);
		const { draft = false, replaces } = options;
		const id = randomBytes(8).toString("hex");
		const { link, state, token } = draft ? DRAFT : linkFor(way);
		const made = this.#site.now();
		const until = options.until ?? made + LINK_LIFE;
		return {
			write: async (tx) => {
				await tx.invitations.add(
					{
						...{ id, user: user.id, way, state, replaces, maker: by.id, made, until },
						...{ reason: undefined, sent: state === "sent" ? made : undefined },
						...{ opened: undefined, accepted: undefined },
					},
					link,
				);
				if (!draft) await this.#count(tx, by, user);
				const details = { invitation: id, by: way, ...(replaces && { replaces }) };
				await this.#note(tx, by, "invite", user.id, details, state);
			},
			done: () => this.#made(id, token),
		};
	}

	/** A new link takes the place of the one before. Also of what has expired or bounced, and of a draft. */
	async resend(by: By, invitation: Invitation, user: User): Promise<Made> {
		const { now, store } = this.#site;
		const { id, way } = invitation;
		await this.#mayInvite(user, way);
		const { link, state, token } = linkFor(way);
		const until = linkEnd(now(), await store.passes.find(user.id));
		await store.transaction(async (tx) => {
			if (!(await tx.invitations.relink(id, link, state, now(), until))) throw notOpen(invitation);
			await this.#count(tx, by, user);
			await this.#note(tx, by, "resend-invitation", user.id, { invitation: id }, state);
		});
		return this.#made(id, token);
	}

	async withdraw(by: By, invitation: Invitation): Promise<void> {
		const { feed, store } = this.#site;
		const { id, user } = invitation;
		await store.transaction(async (tx) => {
			if (!(await tx.invitations.withdraw(id))) throw notOpen(invitation);
			await this.#note(tx, by, "withdraw-invitation", user, { invitation: id }, "withdrawn");
		});
		feed.look();
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
	async #count(tx: Store, by: By, user: User): Promise<void> {
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

	/** Who did it, for the audit; what it is now, for those who watch; its message, where there is one. */
	async #note(
		tx: Store,
		by: By,
		what: string,
		user: string,
		details: { readonly invitation: string },
		state: StoredState,
	): Promise<void> {
		const { crypto, now } = this.#site;
		const { invitation } = details;
		await tx.actions.add({ at: now(), by: by.id, what, to: user, details }, crypto);
		if (state === "queued") await tx.messages.add("invitation", invitation, now());
		await tx.feed.add({ at: now(), kind: "invitation", door: undefined, body: { invitation, state } });
	}

	async #made(id: string, token: string | undefined): Promise<Made> {
		const { feed, outbox, store } = this.#site;
		const invitation = (await store.invitations.find(id))!;
		feed.look();
		outbox.look();
		return { invitation, link: token === undefined ? undefined : linkOf(this.#site, token) };
	}
}

/** When a link that is made now is good no longer: that of a pass outlasts a week where the visit is later. */
export function linkEnd(now: number, pass: Pick<Pass, "from" | "until"> | undefined): number {
	const week = now + LINK_LIFE;
	return pass === undefined ? week : Math.min(pass.until, Math.max(week, pass.from + DAY));
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
