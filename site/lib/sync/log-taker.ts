// SPDX-License-Identifier: Apache-2.0

import { equal } from "../../../protocol/bytes.js";
import { AT, LINK_SIZE } from "../../../protocol/log/record.js";
import type { MessageOf } from "../../../protocol/sync/messages.js";
import type { LogRefusal } from "../log/intake.js";
import type { Books } from "./books.js";

/** What the site has of a log: up to which record, and that one's link. */
interface Logged {
	readonly serial: number;
	readonly link: Uint8Array;
}

/** What a session makes of its reader's log, against what the books have of it. */
export class LogTaker {
	private readonly books: Books;
	private readonly door: string;
	/** The reader's public key. */
	private readonly reader: Uint8Array;
	/** The reader has been told of more of its log than the site has: it was restored, and says so before it takes what leaves a hole. */
	private isBehind = false;
	/** The reader's log is of another history than what the site has: nothing more of it is taken. */
	private hasOtherLog = false;

	constructor(books: Books, door: string, reader: Uint8Array) {
		this.books = books;
		this.door = door;
		this.reader = reader;
	}

	/** Tells where the reader has more of its log than the site says, less, or another. */
	compare(hello: MessageOf<"hello">): void {
		const { link, serial } = this.books.cursor(this.door, this.reader);
		this.isBehind = hello.acknowledged > serial;
		if (this.isBehind) this.books.told(this.door, { kind: "ahead", of: "log" });
		else if (serial > 0 && hello.acknowledged === serial && !equal(link, hello.link)) this.isOther(serial);
		if (hello.log < serial) this.books.told(this.door, { kind: "log-behind", last: hello.log, site: serial });
	}

	/** `answer`: with what the reader is to be told, once the books have what it brought. */
	take(message: MessageOf<"log" | "checkpoint">, answer: (result: Logged | LogRefusal) => void): void {
		if (this.hasOtherLog) {
			answer("other-log");
			return;
		}
		const { link, serial } = this.books.cursor(this.door, this.reader);
		if (this.isBehind && message.first > serial + 1) {
			// The reader goes back as far as its log does. What it sends then may leave a hole.
			this.isBehind = false;
			answer({ serial, link });
			return;
		}
		this.books.takeLog(this.door, this.reader, message, (result) => {
			if (result === "other-log") this.isOther(message.first);
			if (typeof result === "string") answer(result);
			else answer(again(message, result.serial) ?? { serial: result.serial, link: result.link });
		});
	}

	private isOther(serial: number): void {
		this.hasOtherLog = true;
		this.books.told(this.door, { kind: "other-log", serial });
	}
}

/** Records behind a checkpoint that the site has are to come once more: they may be another log's, which ends before the site's. */
function again(
	message: MessageOf<"log" | "checkpoint">,
	serial: number,
): { readonly serial: number; readonly link: Uint8Array } | undefined {
	if (message.name !== "checkpoint" || message.first > serial) return undefined;
	return { serial: message.first - 1, link: message.checkpoint.subarray(AT.link, AT.link + LINK_SIZE) };
}
