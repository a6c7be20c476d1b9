// SPDX-License-Identifier: Apache-2.0

import { createHash, randomBytes } from "node:crypto";
import type { Caller } from "../api/caller.js";
import { Problem } from "../api/problem.js";
import type { Site } from "../api/site.js";
import { type Invitation, OPEN_STATES, type Way } from "../store/invitations.js";
import type { Store } from "../store/store.js";
import type { User } from "../store/users.js";
import { issueKey } from "./issue.js";

/** For so long a link may be accepted, s. */
export const LINK_LIFE = 7 * 86_400;
/** Links of one person that may be open at a time. */
const MAX_OPEN = 5;

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
		const { now, store } = this.#site;
		this.#mayInvite(user, way);
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
					...{
						reason: undefined,
						sent: state === "sent" ? now() : undefined,
						opened: undefined,
						accepted: undefined,
					},
				},
				link,
			);
			const action = this.#site.action(by, "invite", user.id, {
				invitation: id,
				by: way,
				...(replaces && { replaces }),
			});
			await tx.actions.add(action, this.#site.crypto);
		});
		return this.#made(id, token);
	}

	/** A new link takes the place of the one before. Also of what has expired or bounced, and of a draft. */
	async resend(by: Caller, invitation: Invitation, user: User): Promise<Made> {
		const { crypto, now } = this.#site;
		const { id, way } = invitation;
		this.#mayInvite(user, way);
		const { link, state, token } = linkFor(way);
		await this.#write(id, state, async (tx) => {
			if (!(await tx.invitations.relink(id, link, state, now(), now() + LINK_LIFE)))
				throw notOpen(invitation);
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
	#mayInvite(user: User, way: Way): void {
		const { address, crypto, keys, now } = this.#site;
		if (address.forLinks === undefined)
			throw new Problem(
				409,
				"no-https",
				"phones make their key at HTTPS alone: start the server with --public-url https://HOST, where a proxy with a certificate is in front, or with --tls-cert and --tls-key",
			);
		issueKey(keys.keys, now(), crypto);
		if (way !== "link" && (way === "email" ? user.email : user.phone) === undefined)
			throw new Problem(
				422,
				"no-address",
				way === "email" ? "this person has no e-mail address" : "this person has no telephone number",
			);
	}

	async #write(id: string, state: string, work: (tx: Store) => Promise<void>): Promise<void> {
		const { feed, now, store } = this.#site;
		await store.transaction(async (tx) => {
			await work(tx);
			await tx.feed.add({ at: now(), kind: "invitation", door: undefined, body: { invitation: id, state } });
		});
		feed.look();
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

/** 32 random bytes as the link has them, and as the store. */
export function newLink(): { readonly token: string; readonly link: Uint8Array } {
	const token = randomBytes(32).toString("base64url");
	return { token, link: linkHash(token) };
}

export function linkHash(token: string): Uint8Array {
	return createHash("sha256").update(token).digest();
}

const DRAFT = { state: "draft", link: undefined, token: undefined } as const;

/** The link of a message is made when that is sent, so that none stands in the store. */
function linkFor(
	way: Way,
):
	| { state: "sent"; link: Uint8Array; token: string }
	| { state: "queued"; link?: undefined; token?: undefined } {
	return way === "link" ? { state: "sent", ...newLink() } : { state: "queued" };
}

function isLive({ credentials }: User, id: string): boolean {
	return credentials.some((credential) => credential.id === id && !credential.entry.revoked);
}

function notOpen({ state }: Invitation): Problem {
	const is = OPEN_STATES.includes(state) ? "changed meanwhile" : state;
	return new Problem(409, "not-open", `this invitation is ${is}: invite the person again`);
}
