// SPDX-License-Identifier: Apache-2.0

import { equal } from "../../../protocol/bytes.js";
import { CborError, CborReader } from "../../../protocol/cbor/reader.js";
import { RECORD_SIZE } from "../../../protocol/log/record.js";
import { MAX_PIECE, RECORD_HEAD, SESSION_LIFE, TAG } from "../../../protocol/sync/bounds.js";
import {
	decodeMessage,
	encodeMessage,
	type Message,
	type MessageOf,
} from "../../../protocol/sync/messages.js";
import { listIn } from "../../../protocol/trust/envelope.js";
import { LIST_HASH } from "../../../protocol/trust/list.js";
import type { Books, SessionEnd, Unsaid } from "./books.js";
import type { CommandResult, DoorCommand } from "./door-command.js";
import { LogTaker } from "./log-taker.js";
import { ReaderState } from "./reader-state.js";
import type { SessionOf, SiteSide } from "./site-side.js";

/** What is not answered in so many ms is said again. After so many times in all the reader is silent, and each wait is twice the one before. */
const RETRY_MS = 10_000;
const TRIES = 5;
const MAX_RETRY_MS = 300_000;
/** A reader says how it is every 15 minutes: one of which nothing was heard for so many ms is silent. */
const SILENT_MS = 1_200_000;
/** A command may be done for so many ms after it was given; then, so many after it, its result is not known. */
const COMMAND_MS = 5000;
const RESULT_MS = 10_000;

interface Said {
	readonly message: Message;
	readonly of: Unsaid;
	tries: number;
	cancel: () => void;
}

interface Pending {
	readonly command: DoorCommand;
	/** Since message_4, ms. */
	readonly until: number;
	readonly cancel: () => void;
	readonly done: (result: CommandResult) => void;
	id: number;
}

/**
 * The site's end of a session with a reader: it answers what the reader says, and says one thing after the other of what the reader
 * lacks, each when the one before has its answer. An idle session has no timer.
 */
export class DoorSession {
	readonly reader: Uint8Array;
	readonly readerId: Uint8Array;
	private readonly side: SiteSide;
	private readonly of: SessionOf;
	private readonly state: ReaderState;
	private readonly taker: LogTaker;
	private readonly begun: number;
	/** When the reader said something last, ms. */
	heard: number;
	/** The newest record that the reader has said it has. */
	log = 0;
	private lastId = 0;
	/** Of the reader's newest message that is to be answered, and that answer once there is one. */
	private heardId = 0;
	private answer: Message | undefined;
	private said: Said | undefined;
	private pending: Pending | undefined;
	/** It has not answered `TRIES` times, or said nothing for long. */
	isSilent = false;
	private greeted = false;
	private isOver = false;

	constructor(side: SiteSide, of: SessionOf) {
		this.side = side;
		this.of = of;
		this.reader = of.reader;
		this.readerId = of.readerId;
		this.state = new ReaderState(side.ports.crypto, side.books, of.door);
		this.taker = new LogTaker(side.books, of.door, of.reader);
		this.begun = side.ports.clock.now();
		this.heard = this.begun;
	}

	/** Takes a record; false where it is none of this session, or too late. */
	take(frame: Uint8Array): boolean {
		if (this.hasExpired()) return false;
		const bytes = frame.slice();
		const length = this.of.sync.open(bytes, bytes.length);
		if (length === 0) return false;
		this.hear();
		const content = bytes.subarray(RECORD_HEAD, RECORD_HEAD + length);
		let message: ReturnType<typeof decodeMessage>;
		try {
			message = decodeMessage(content, "reader");
		} catch (error) {
			if (!(error instanceof CborError)) throw error;
			const id = idIn(content);
			if (id !== undefined) this.takeNew(id, () => this.acknowledge(id, "malformed"));
			return true;
		}
		if (message.name === "ack") this.answered(message.of, message.refusal);
		else this.takeNew(message.id, () => this.handle(message));
		return true;
	}

	/** Says what the reader lacks by now, unless something has no answer yet. */
	next(): void {
		if (this.isOver || this.said !== undefined || this.hasExpired()) return;
		const { pending } = this;
		if (pending !== undefined && pending.id === 0) this.sayCommand(pending);
		else {
			const what = this.state.next();
			if (what !== undefined) this.say(what);
		}
	}

	/** Commands the door. `done` is called once. */
	command(command: DoorCommand, done: (result: CommandResult) => void): void {
		if (this.isOver || this.hasExpired()) {
			done({ refusal: "no-session" });
			return;
		}
		if (this.pending !== undefined) {
			done({ refusal: "busy" });
			return;
		}
		const { clock } = this.side.ports;
		const until = clock.now() - this.begun + COMMAND_MS;
		const cancel = clock.after(RESULT_MS, () => this.commandEnds("unknown"));
		this.pending = { command, until, cancel, done, id: 0 };
		this.next();
	}

	/** May be called again. */
	end(why: SessionEnd): void {
		if (this.isOver) return;
		this.isOver = true;
		this.said?.cancel();
		this.said = undefined;
		this.of.sync.close();
		this.commandEnds("unknown");
		this.of.onEnd(why);
	}

	/** Time has passed: the session may have come to its end, or its reader may be out of reach. */
	watch(): void {
		if (!this.hasExpired() && this.side.ports.clock.now() - this.heard >= SILENT_MS) this.silent();
	}

	/** Says something that is to be answered: a reader that does not is silent soon. */
	probe(): void {
		this.state.restate();
		this.next();
	}

	private silent(): void {
		if (this.isSilent) return;
		this.isSilent = true;
		this.tell({ kind: "silent" });
	}

	private hasExpired(): boolean {
		if (this.isOver) return true;
		if (this.side.ports.clock.now() - this.begun < SESSION_LIFE * 1000) return false;
		this.end("expired");
		return true;
	}

	/** A reader that had been silent is told at once what it missed. */
	private hear(): void {
		const { clock } = this.side.ports;
		this.heard = clock.now();
		if (!this.isSilent) return;
		this.isSilent = false;
		this.tell({ kind: "heard" });
		const { said } = this;
		if (said === undefined) return;
		said.tries = 0;
		said.cancel();
		said.cancel = clock.after(0, () => this.repeat());
	}

	/** A message that comes again is answered as before, and nothing is done anew. */
	private takeNew(id: number, handle: () => void): void {
		if (id < this.heardId) return;
		if (id === this.heardId) {
			if (this.answer !== undefined) this.transmit(this.answer);
			return;
		}
		this.heardId = id;
		this.answer = undefined;
		handle();
	}

	private handle(message: Exclude<ReturnType<typeof decodeMessage>, { name: "ack" }>): void {
		const { id } = message;
		switch (message.name) {
			case "hello":
				this.hello(message);
				break;
			case "want":
				this.acknowledge(id);
				this.state.wants(message.version);
				break;
			case "clock":
				this.answerBy({ name: "time", nonce: message.nonce, seconds: this.side.ports.seconds() });
				this.state.toldTime();
				break;
			case "pull":
				this.pull(message);
				return;
			case "log":
				this.log = Math.max(this.log, message.first + message.records.length / RECORD_SIZE - 1);
				this.takeLog(message);
				return;
			case "checkpoint":
				this.takeLog(message);
				return;
			case "alarm":
				this.tell({ kind: "alarm", record: message.record });
				this.acknowledge(id);
				return;
			case "health":
				this.tell({ kind: "health", health: message });
				this.acknowledge(id);
				this.state.toldHealth();
				break;
			case "outcome":
				this.acknowledge(id);
				this.state.outcome(message.hash, message.refusal);
				this.tell({ kind: "outcome", hash: message.hash, refusal: message.refusal });
				break;
			default:
				this.acknowledge(id, "unknown");
				return;
		}
		this.next();
	}

	private hello(hello: MessageOf<"hello">): void {
		this.acknowledge(hello.id);
		this.log = Math.max(this.log, hello.log);
		const isForeign = this.hasOtherList(hello);
		this.state.hello(hello, isForeign);
		this.tell({ kind: "hello", hello });
		if (isForeign) this.tell({ kind: "other-list" });
		if (!this.greeted) this.compare(hello);
		this.greeted = true;
	}

	private hasOtherList({ listHash, trust }: MessageOf<"hello">): boolean {
		const list = this.side.books.lists[trust - 1];
		const payload = list && listIn(list);
		if (payload === undefined) return false;
		return !equal(this.side.ports.crypto.sha256(payload).subarray(0, LIST_HASH), listHash);
	}

	/** Tells where the reader knows more than the site, or has another log. */
	private compare(hello: MessageOf<"hello">): void {
		const { books } = this.side;
		const plan = books.plan(this.of.door);
		const newest = books.trust.version;
		if (hello.trust > newest) this.tell({ kind: "ahead", of: "list" });
		if (plan !== undefined && hello.epoch === plan.epoch && hello.version > plan.version)
			this.tell({ kind: "ahead", of: "plan" });
		if (hello.trust >= newest && hello.notice > books.notice) this.tell({ kind: "ahead", of: "notice" });
		if (hello.lockdown > books.lockdownSequence) this.tell({ kind: "ahead", of: "lockdown" });
		this.taker.compare(hello);
		if (hello.log < this.of.saidLog) this.tell({ kind: "two-readers" });
	}

	private pull({ at, hash, id }: MessageOf<"pull">): void {
		const blob = this.state.blob(hash);
		if (blob === undefined || at >= blob.length) {
			// A reader that goes wrong with an offer is not made the same again and again.
			this.state.withdraw();
			this.acknowledge(id, "unknown");
			this.next();
		} else
			this.answerBy({
				...{ name: "piece", hash: hash.slice(), size: blob.length },
				...{ at, piece: blob.subarray(at, at + MAX_PIECE) },
			});
	}

	private takeLog(message: MessageOf<"log" | "checkpoint">): void {
		this.taker.take(message, (result) => {
			if (this.isOver || this.heardId !== message.id) return;
			if (typeof result === "string") this.acknowledge(message.id, result);
			else this.answerBy({ name: "logged", ...result });
		});
	}

	private acknowledge(of: number, refusal: string | null = null): void {
		this.answerBy({ name: "ack", of, refusal });
	}

	private answerBy(
		answer:
			| Omit<MessageOf<"ack">, "id">
			| Omit<MessageOf<"time">, "id">
			| Omit<MessageOf<"piece">, "id">
			| Omit<MessageOf<"logged">, "id">,
	): void {
		this.answer = { ...answer, id: ++this.lastId };
		this.transmit(this.answer);
	}

	private say(of: Unsaid): void {
		const message = { ...of, id: ++this.lastId } as Message;
		this.said = { message, of, tries: 0, cancel: () => {} };
		this.repeat();
	}

	/** As long as the session lasts: its reader may only have been out of reach. */
	private repeat(): void {
		const said = this.said!;
		if (said.tries === TRIES) this.silent();
		const wait = Math.min(RETRY_MS * 2 ** Math.max(0, ++said.tries - TRIES), MAX_RETRY_MS);
		said.cancel = this.side.ports.clock.after(wait, () => this.repeat());
		if (!this.hasExpired()) this.transmit(said.message);
	}

	private answered(of: number, refusal: string | null): void {
		const { said } = this;
		if (said === undefined || said.message.id !== of) return;
		said.cancel();
		this.said = undefined;
		if (of === this.pending?.id) this.commandEnds(refusal === null ? "done" : { refusal });
		else if (!this.state.isPostponed(said.of, refusal)) {
			this.state.answered(said.of, refusal);
			this.tell({ kind: "answered", to: said.of, refusal });
		}
		this.next();
	}

	/** Never said again: after 10 s it is too late for it. */
	private sayCommand(pending: Pending): void {
		if (this.side.ports.clock.now() - this.begun >= pending.until) {
			this.commandEnds("unknown");
			return;
		}
		const { command, until } = pending;
		const of: Unsaid = { name: "command", ...command, until };
		pending.id = ++this.lastId;
		this.said = { message: { ...of, id: pending.id } as Message, of, tries: TRIES, cancel: () => {} };
		this.transmit(this.said.message);
	}

	/** Of a command that was not said it is certain that it was not done. */
	private commandEnds(result: CommandResult): void {
		const { pending } = this;
		if (pending === undefined) return;
		this.pending = undefined;
		pending.cancel();
		if (this.said !== undefined && this.said.message.id === pending.id) this.said = undefined;
		const wasSaid = pending.id !== 0;
		pending.done(wasSaid ? result : { refusal: this.isOver ? "no-session" : "busy" });
		this.next();
	}

	private transmit(message: Message): void {
		const content = encodeMessage(message);
		const bytes = new Uint8Array(RECORD_HEAD + content.length + TAG);
		bytes.set(content, RECORD_HEAD);
		if (this.of.sync.seal(bytes, content.length) > 0) this.of.send(bytes);
	}

	private tell(news: Parameters<Books["told"]>[1]): void {
		this.side.books.told(this.of.door, news);
	}
}

/** The id of a message that is not well-formed, where it has one. */
function idIn(content: Uint8Array): number | undefined {
	try {
		const reader = new CborReader(content);
		if (reader.array() < 2) return undefined;
		reader.uint();
		const id = reader.uint();
		return id > 0 && id <= 0xffff_ffff ? id : undefined;
	} catch (error) {
		if (error instanceof CborError) return undefined;
		throw error;
	}
}
