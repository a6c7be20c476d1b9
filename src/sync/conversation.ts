// SPDX-License-Identifier: Apache-2.0

import type { Alarm } from "../../hal/contracts/time.js";
import { CborError, CborReader } from "../../protocol/cbor/reader.js";
import { CborWriter } from "../../protocol/cbor/writer.js";
import { MAX_FRAME, RECORD_HEAD, TAG } from "../../protocol/sync/bounds.js";
import {
	decodeMessage,
	MESSAGES,
	type Message,
	type MessageName,
	type UnknownMessage,
	writeMessage,
} from "../../protocol/sync/messages.js";
import type { SyncContext } from "./context.js";
import { type Asked, HANDLERS, type Handler } from "./handlers.js";
import type { Speaker } from "./speaker.js";

/** A message without an answer is said again after this time, ms, and so often in all. */
export const ANSWER_MS = 10_000;
export const TRIES = 5;
/** While a phone is served, what the reader has to say waits; looked at this often, ms. */
export const BUSY_MS = 50;
/** Behind a message: where its tag will be. */
const TAG_ROOM = new Uint8Array(TAG);
const MAX_ID = 0xffff_ffff;
/** The site's messages that answer the reader's. */
const ANSWERS: readonly (MessageName | "unknown")[] = Object.freeze([
	"ack",
	"time",
	"piece",
	"logged",
] as const);

/** Whose conversation it is. One object with methods: a closure each would take 11 slots. */
export interface ConversationHost extends SyncContext {
	/** Seals and sends the message of `length` bytes that lies in `frame` from `RECORD_HEAD` on, with room for the tag. */
	say(frame: Uint8Array, length: number): void;
	/** The site has not answered `TRIES` times. */
	unanswered(): void;
}

/**
 * What is said in a session, by stop and wait: one message of the reader's waits for its answer at a time, and the site has one that
 * waits for the reader's. It seals nothing and knows no bearer.
 */
export class Conversation {
	private readonly host: ConversationHost;
	/** In the order in which they are asked. */
	private readonly speakers: readonly Speaker[];
	private readonly alarm: Alarm;
	private readonly writer = new CborWriter(MAX_FRAME);
	private active = false;
	/** The one whose message waits for its answer; absent where none does. */
	private speaking: Speaker | undefined;
	/** Of that message. */
	private id = 0;
	/** Of the newest message, answers included. */
	private last = 0;
	private tries = 0;
	/** The alarm is set, for no later than is needed. */
	private due = false;
	/** The site's last message, and what it was answered. */
	private done = 0;
	private refusal: string | null = null;

	constructor(host: ConversationHost, speakers: readonly Speaker[]) {
		this.host = host;
		this.speakers = speakers;
		this.alarm = host.target.clock.alarm(() => this.tick());
	}

	/** A session begins. */
	begin(): void {
		const { speakers } = this;
		this.active = true;
		this.last = this.done = 0;
		for (let i = 0; i < speakers.length; i++) speakers[i]!.begin();
		this.wake();
	}

	/** It has ended. */
	end(): void {
		this.active = this.due = false;
		this.speaking = undefined;
		this.alarm.clear();
	}

	/** A speaker has something to say, in `ms` at the latest. */
	wake(ms = 0): void {
		if (!this.active || this.due || this.speaking !== undefined) return;
		this.due = true;
		this.alarm.set(ms);
	}

	private tick(): void {
		this.due = false;
		if (this.host.givesWay()) {
			this.due = true;
			this.alarm.set(BUSY_MS);
		} else if (this.speaking === undefined) this.next();
		else if (this.tries === TRIES) this.host.unanswered();
		else if (!this.say(this.speaking)) this.settle();
	}

	private next(): void {
		const { speakers } = this;
		this.id = this.last + 1;
		this.tries = 0;
		for (let i = 0; i < speakers.length; i++)
			if (this.say(speakers[i]!)) {
				this.last = this.id;
				return;
			}
	}

	private say(speaker: Speaker): boolean {
		const message = speaker.say(this.id);
		if (message === undefined) return false;
		this.speaking = speaker;
		this.tries++;
		this.alarm.set(ANSWER_MS);
		this.send(message);
		return true;
	}

	/** Nothing waits for an answer any more. */
	private settle(): void {
		this.speaking = undefined;
		this.due = true;
		this.alarm.set(0);
	}

	private send(message: Message): void {
		const { writer } = this;
		writer.reset(RECORD_HEAD);
		writeMessage(writer, message);
		const length = writer.view(RECORD_HEAD).length;
		this.host.say(writer.raw(TAG_ROOM).view(), length);
	}

	/** Takes a message of the site. */
	take(bytes: Uint8Array): void {
		let message: Message | UnknownMessage;
		try {
			message = decodeMessage(bytes, "site");
		} catch (error) {
			if (!(error instanceof CborError)) throw error;
			this.malformed(bytes);
			return;
		}
		if (!ANSWERS.includes(message.name)) this.asked(message.id, message);
		else if (this.answers(message as Message) && this.active) this.settle();
	}

	private answers(message: Message): boolean {
		const { speaking } = this;
		if (speaking === undefined || (message.name === "ack" && message.of !== this.id)) return false;
		return speaking.answered(message);
	}

	/** It is refused where so much of it can be read that it is no answer. */
	private malformed(bytes: Uint8Array): void {
		try {
			const reader = new CborReader(bytes);
			reader.array();
			const number = reader.uint();
			const id = reader.uint();
			for (const name of ANSWERS) if (MESSAGES[name as MessageName].number === number) return;
			if (id > 0 && id <= MAX_ID) this.asked(id, undefined);
		} catch (error) {
			if (!(error instanceof CborError)) throw error;
		}
	}

	/** `undefined`: it is malformed. One that was answered is answered as before. */
	private asked(id: number, message: Message | UnknownMessage | undefined): void {
		if (id < this.done) return;
		if (id > this.done) {
			const refusal = message === undefined ? "malformed" : this.handle(message);
			// It may have ended the session.
			if (!this.active) return;
			this.done = id;
			this.refusal = refusal;
		}
		this.send({ name: "ack", id: ++this.last, of: id, refusal: this.refusal });
	}

	private handle(message: Message | UnknownMessage): string | null {
		const handler = HANDLERS[message.name as Asked] as Handler<Asked> | undefined;
		return handler === undefined ? "unknown" : handler(this.host, message as never);
	}
}
