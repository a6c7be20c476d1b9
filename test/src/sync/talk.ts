// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import {
	decodeMessage,
	encodeMessage,
	type Message,
	type MessageOf,
} from "../../../protocol/sync/messages.js";
import type { TrustKey } from "../../../protocol/trust/list.js";
import type { VirtualTime } from "../../../sim/time.js";
import type { SyncContext } from "../../../src/sync/context.js";
import { Conversation, type ConversationHost } from "../../../src/sync/conversation.js";
import type { Speaker } from "../../../src/sync/speaker.js";
import type { SyncTarget } from "../../../src/sync/target.js";

const RECORD_HEAD = 5;
const TAG = 16;

/** The reader's end of a session, without bearer and seal: what the site says goes in, what the reader says comes out. */
export class Talk implements ConversationHost {
	readonly target: SyncTarget;
	server: TrustKey | undefined;
	readonly lists = undefined as never;
	readonly lockdowns = undefined as never;
	readonly pull = undefined as never;
	settingsFrom = 0;
	/** What the reader has said; byte strings are copies. */
	readonly said: Message[] = [];
	/** How often it was told that something has changed. */
	changes = 0;
	readonly #time: VirtualTime;
	readonly #conversation: Conversation;
	#since = 0;
	#id = 0;

	/** `target`: as much of a reader as is needed. */
	constructor(
		time: VirtualTime,
		target: object,
		speakers: (sync: SyncContext) => readonly Speaker[] = () => [],
	) {
		this.#time = time;
		this.target = {
			clock: time,
			busy: () => false,
			trace: () => undefined,
			...target,
		} as unknown as SyncTarget;
		this.#conversation = new Conversation(this, speakers(this));
	}

	say(frame: Uint8Array, length: number): void {
		assert.equal(frame.length, RECORD_HEAD + length + TAG, "room for the tag");
		const message = decodeMessage(frame.slice(RECORD_HEAD, RECORD_HEAD + length), "reader");
		assert.notEqual(message.name, "unknown");
		this.said.push(message as Message);
	}

	unanswered(): void {
		this.end();
	}

	get age(): number {
		return this.#time.now() - this.#since;
	}

	doubt(): void {}

	givesWay(): boolean {
		return this.target.busy();
	}

	begin(): void {
		this.#since = this.#time.now();
		this.#id = 0;
		this.said.length = 0;
		this.#conversation.begin();
	}

	end(): void {
		this.#conversation.end();
	}

	changed(): void {
		this.changes++;
		this.wake();
	}

	wake(): void {
		this.#conversation.wake();
	}

	/** The site says a message of its own; what the reader's `ack` of it is. */
	ask<T extends Omit<Message, "id">>(message: T, id = ++this.#id): string | null {
		this.hear({ ...message, id } as unknown as Message);
		const answer = this.said.at(-1) as MessageOf<"ack">;
		assert.deepEqual([answer.name, answer.of], ["ack", id]);
		return answer.refusal;
	}

	hear(message: Message): void {
		this.take(encodeMessage(message));
	}

	/** What the site says, of any content. */
	take(bytes: Uint8Array): void {
		this.#conversation.take(bytes);
	}

	/** The site answers the reader's last message, by `ack` where nothing else is said. */
	answer(message: object = { name: "ack", refusal: null }): void {
		this.hear({ of: this.said.at(-1)!.id, ...message, id: ++this.#id } as unknown as Message);
	}
}
