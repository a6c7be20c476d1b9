// SPDX-License-Identifier: Apache-2.0

import { equal } from "../../../protocol/bytes.js";
import { EDDSA, signer } from "../../../protocol/credential/cose.js";
import { CredentialError } from "../../../protocol/credential/credential.js";
import { EdhocError } from "../../../protocol/edhoc/errors.js";
import { MAX_PIECE } from "../../../protocol/sync/bounds.js";
import { errorFrame, FRAME, isHandshake } from "../../../protocol/sync/frame.js";
import { clearFrame, readClear } from "../../../protocol/sync/messages.js";
import { SiteHandshake, serverCredential, sessionIdIn } from "../../../protocol/sync/site-handshake.js";
import { topicDown } from "../../../protocol/sync/topics.js";
import type { SessionEnd } from "./books.js";
import type { CommandResult, DoorCommand } from "./door-command.js";
import { DoorSession } from "./door-session.js";
import type { Beginner, Handshakes } from "./handshakes.js";
import type { SiteSide } from "./site-side.js";

/** How a door's reader and the site stand. */
export interface LinkState {
	/** There is a session, and its reader answers. */
	readonly inSession: boolean;
	/** When the reader said something last, by the site's clock, ms; `undefined`: not since the site's start. */
	readonly heard: number | undefined;
}

/** The site's side of one door: the attempt at a session, and the session that counts. */
export class DoorLink implements Beginner {
	private readonly side: SiteSide;
	private readonly door: string;
	private readonly topic: string;
	private readonly handshakes: Handshakes;
	private attempt: SiteHandshake | undefined;
	/** When the attempt began, ms. */
	private tried = 0;
	private session: DoorSession | undefined;
	/** Of the session. */
	private sessionId: Uint8Array | undefined;
	private heard: number | undefined;
	/** The reader of the sessions before, and the newest record that it said it has. */
	private before: { readonly reader: Uint8Array; readonly log: number } | undefined;

	constructor(side: SiteSide, door: string, handshakes: Handshakes) {
		this.side = side;
		this.door = door;
		this.topic = topicDown(side.site, door);
		this.handshakes = handshakes;
	}

	get state(): LinkState {
		const { session } = this;
		return { inSession: session !== undefined && !session.isSilent, heard: session?.heard ?? this.heard };
	}

	/** Takes a frame of the reader's topic. */
	take(frame: Uint8Array): void {
		const begins = sessionIdIn(frame);
		if (begins !== undefined) this.begins(frame, begins);
		else if (isHandshake(frame)) this.goOn(frame);
		else if (frame[0] === FRAME.record) this.session?.take(frame);
		else this.inTheClear(frame);
	}

	/** The books have changed. */
	changed(): void {
		const { session } = this;
		if (session === undefined) return;
		const { books } = this.side;
		const registered = books.registered(this.door);
		if (
			registered === undefined ||
			!equal(registered, session.reader) ||
			books.trust.isRevoked(session.readerId)
		)
			session.end("not-registered");
		else session.next();
	}

	/** Time has passed. */
	watch(): void {
		const { session } = this;
		if (session === undefined) return;
		session.watch();
		// Its reader may have no session any more, as who begins another; or another's reader tries in vain.
		if (this.tried > session.heard) session.probe();
	}

	command(command: DoorCommand, done: (result: CommandResult) => void): void {
		if (this.session === undefined) done({ refusal: "no-session" });
		else this.session.command(command, done);
	}

	close(): void {
		this.giveUp();
		this.session?.end("closed");
	}

	begin(frame: Uint8Array): boolean {
		const { books, ports, site } = this.side;
		const registered = books.registered(this.door);
		if (registered === undefined) return false;
		this.giveUp();
		const key = books.serverKey;
		if (typeof key === "string") {
			this.tell({ kind: "refused", reason: key, detail: "the server has no key to speak for the site" });
			return false;
		}
		const { publicKey, secretKey } = key;
		const credential = serverCredential(site, publicKey, signer(ports.crypto, EDDSA, secretKey));
		this.attempt = new SiteHandshake(
			{
				...{ crypto: ports.crypto, ephemerals: ports.ephemerals, credential, trust: books.trust },
				...{ door: this.door, registered, now: ports.seconds() },
			},
			sessionIdIn(frame)!,
		);
		this.tried = ports.clock.now();
		this.step(frame);
		return this.attempt !== undefined;
	}

	giveUp(): void {
		this.attempt?.close();
		this.attempt = undefined;
	}

	/** What has the id of an attempt or of the session is a repetition. */
	private begins(frame: Uint8Array, id: Uint8Array): void {
		const waiting = this.handshakes.waitingFor(this);
		for (const known of [waiting && sessionIdIn(waiting), this.attempt?.id, this.sessionId])
			if (known !== undefined && equal(known, id)) return;
		this.handshakes.add(this, frame.slice());
	}

	private goOn(frame: Uint8Array): void {
		if (this.attempt === undefined) return;
		this.step(frame);
		if (this.attempt === undefined) this.handshakes.ended(this);
	}

	/** One step of the attempt. What goes wrong ends it. */
	private step(frame: Uint8Array): void {
		const attempt = this.attempt!;
		try {
			const answer = attempt.take(frame);
			if (answer === undefined) return;
			this.send(answer);
			if (attempt.session !== undefined) this.established(attempt);
		} catch (error) {
			if (!(error instanceof EdhocError || error instanceof CredentialError)) throw error;
			const told = errorFrame(attempt.id, error);
			this.attempt = undefined;
			if (told !== undefined) this.send(told);
			const detail = error instanceof EdhocError ? (error.peer?.text ?? error.message) : error.detail;
			this.tell({ kind: "refused", reason: error.reason, detail });
		}
	}

	/** Of two sessions the newer counts. */
	private established(attempt: SiteHandshake): void {
		this.attempt = undefined;
		const before = this.session;
		// Who has begun anew is silent on the session before: two readers may have one identity.
		const isAlive = before !== undefined && before.heard > this.tried;
		before?.end("replaced");
		const reader = attempt.reader!.key.publicKey.slice();
		const session = new DoorSession(this.side, {
			...{ door: this.door, reader, readerId: attempt.reader!.id.slice(), saidLog: this.saidLog(reader) },
			...{ sync: attempt.session!, send: (frame) => this.send(frame) },
			onEnd: (why) => this.ended(session, why),
		});
		this.session = session;
		this.sessionId = attempt.id;
		this.tell({ kind: "begun" });
		if (isAlive) this.tell({ kind: "two-readers" });
	}

	private saidLog(reader: Uint8Array): number {
		return this.before !== undefined && equal(this.before.reader, reader) ? this.before.log : 0;
	}

	private ended(session: DoorSession, why: SessionEnd): void {
		this.heard = session.heard;
		const { log, reader } = session;
		this.before = { reader, log: Math.max(log, this.saidLog(reader)) };
		if (this.session === session) {
			this.session = undefined;
			this.sessionId = undefined;
		}
		this.tell({ kind: "ended", why });
	}

	/** A trust list proves itself: who asks for one is given it, all its pieces at once. */
	private inTheClear(frame: Uint8Array): void {
		const want = readClear(frame, "reader");
		if (want?.name !== "want") return;
		const list = this.side.books.lists[want.version - 1];
		if (list === undefined) return;
		for (let at = 0; at < list.length; at += MAX_PIECE) {
			const piece = list.subarray(at, at + MAX_PIECE);
			const { version } = want;
			this.send(clearFrame({ name: "list", id: want.id, version, size: list.length, at, piece }));
		}
	}

	private send(frame: Uint8Array): void {
		this.side.ports.publish(this.topic, frame, false);
	}

	private tell(news: Parameters<SiteSide["books"]["told"]>[1]): void {
		this.side.books.told(this.door, news);
	}
}
