// SPDX-License-Identifier: Apache-2.0

import type { Site } from "../api/site.js";
import { type Mail, Mailer, type MailSettings } from "../messages/mail.js";
import type { Sender } from "../messages/outbox.js";
import type { Outcome } from "../messages/outcome.js";
import { messageSettings } from "../messages/settings.js";
import { type Sms, sendSms } from "../messages/sms.js";
import { moment, type Occasion, type Rendered, render, type Values } from "../messages/texts.js";
import { newSecret } from "../secrets.js";
import type { Invitation, StoredState } from "../store/invitations.js";
import type { Pass } from "../store/passes.js";
import type { User } from "../store/users.js";
import { linkEnd, linkOf } from "./invitations.js";
import { doorsOf } from "./rights.js";

/** Sends the links of invitations by e-mail and SMS. */
export class InvitationMessages implements Sender {
	readonly #site: Site;
	#mailer: { readonly of: string; readonly mailer: Mailer } | undefined;

	constructor(site: Site) {
		this.#site = site;
	}

	async send(ref: string): ReturnType<Sender["send"]> {
		const { address, now, planner, store } = this.#site;
		const invitation = await store.invitations.find(ref);
		const user = planner.content.users.find(({ id }) => id === invitation?.user);
		if (invitation?.state !== "queued" || user === undefined) return undefined;
		const { limits, mail, sms } = await messageSettings(store);
		const settings = invitation.way === "email" ? mail : sms;
		if (settings === undefined || address.forLinks === undefined)
			return { kind: "failed", reason: NOT_SET[invitation.way === "email" ? "email" : "sms"] };
		if ((await store.invitations.countSent(now() - 3600)) >= limits.perHour)
			return { kind: "wait", seconds: 60 };
		const { hash, text: token } = newSecret();
		const callback = newSecret();
		const pass = await store.passes.find(user.id);
		const until = linkEnd(now(), pass);
		if (!(await store.invitations.link(invitation.id, hash, callback.hash, until))) return undefined;
		const rendered = await this.render({ ...invitation, until }, user, token);
		if (invitation.way === "email") return this.#mail(mail!, user, rendered);
		const url = `${address.forLinks}/api/sms/status/${callback.text}`;
		const message: Sms = { to: user.phone ?? "", text: rendered.sms, callback: url };
		return sendSms(sms!, message);
	}

	async tell(ref: string, outcome: Outcome, isLast: boolean): Promise<void> {
		const { now, store } = this.#site;
		if (outcome.kind === "sent")
			await this.#tell(ref, "sent", undefined, () => store.invitations.sent(ref, now()));
		else {
			const state = isLast ? "bounced" : "queued";
			const { reason } = outcome;
			await this.#tell(ref, state, reason, () => store.invitations.tell(ref, state, reason));
		}
	}

	/** What a gateway says later. False: of no message that is known. */
	async told(
		callback: Uint8Array,
		state: "delivered" | "bounced",
		reason: string | undefined,
	): Promise<boolean> {
		const { store } = this.#site;
		const invitation = await store.invitations.findCallback(callback);
		if (invitation === undefined) return false;
		await this.#tell(invitation.id, state, reason, () =>
			store.invitations.tell(invitation.id, state, reason),
		);
		return true;
	}

	/** Connections end. */
	idle(): void {
		this.#mailer?.mailer.close();
		this.#mailer = undefined;
	}

	async render(invitation: Invitation, user: User, token: string): Promise<Rendered> {
		const { store } = this.#site;
		const { language, texts } = await messageSettings(store);
		const pass = await store.passes.find(user.id);
		const occasion: Occasion =
			pass !== undefined ? "pass" : invitation.replaces === undefined ? "invitation" : "replacement";
		return render(texts[language][occasion], await this.#values(invitation, user, pass, token), language);
	}

	async #values(
		{ until }: Invitation,
		{ entry, name }: User,
		pass: Pass | undefined,
		token: string,
	): Promise<Values> {
		const { planner, store } = this.#site;
		const { language, siteName } = await messageSettings(store);
		const { document } = planner;
		const names = new Map((await store.doors.list()).map((door) => [door.id, door.name]));
		const at = (seconds: number): string => moment(seconds, language, document.timeZone);
		const doors = doorsOf(document, entry).map((id) => names.get(id) || id);
		return {
			...{ person: name, site: siteName ?? this.#site.id, doors: doors.join(", ") },
			...{ until: at(until), link: linkOf(this.#site, token) },
			from: pass === undefined ? "" : at(pass.from),
			to: pass === undefined ? "" : at(pass.until),
		};
	}

	async #mail(settings: MailSettings, user: User, { html, subject, text }: Rendered): Promise<Outcome> {
		const fromName = (await this.#site.store.facts.get("siteName")) ?? this.#site.id;
		const mail: Mail = { to: user.email ?? "", fromName, subject, text, html };
		return this.#mailerOf(settings).send(mail);
	}

	#mailerOf(settings: MailSettings): Mailer {
		const of = JSON.stringify(settings);
		if (this.#mailer?.of !== of) {
			this.#mailer?.mailer.close();
			this.#mailer = { of, mailer: new Mailer(settings) };
		}
		return this.#mailer.mailer;
	}

	/** What was written is told to those who watch. */
	async #tell(
		id: string,
		state: StoredState,
		reason: string | undefined,
		write: () => Promise<boolean>,
	): Promise<void> {
		const { feed, now, store } = this.#site;
		if (!(await write())) return;
		const body = { invitation: id, state, ...(reason !== undefined && { reason }) };
		await store.feed.add({ at: now(), kind: "invitation", door: undefined, body });
		feed.look();
	}
}

const NOT_SET = Object.freeze({
	email: "no mail server is set up: give one in the settings",
	sms: "no SMS gateway is set up: give one in the settings",
});
