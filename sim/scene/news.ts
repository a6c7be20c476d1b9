// SPDX-License-Identifier: Apache-2.0

/** What a world does about what happens to it, in words: from the reader's log, its restarts, the PN532's resets and the site. */
import { CONFIGURATION_CHANGES, EVENTS, eventName, INPUT_FAULTS, PARTS } from "../../protocol/events.js";
import { KEPT } from "../../protocol/log/kept.js";
import { decodeRecord, type LogEntry } from "../../protocol/log/record.js";
import { words } from "../../site/lib/log/describe.js";
import type { DoorNews } from "../../site/lib/sync/books.js";
import { DOOR } from "../commission.js";
import type { World } from "../world.js";

const PART_WORDS: Readonly<Record<keyof typeof PARTS, string>> = Object.freeze({
	nfc: "the PN532",
	ble: "Bluetooth",
	plan: "the plan in its flash",
	wifi: "Wi-Fi",
	supply: "its supply, which failed as the strike was released",
	clock: "the clock",
	state: "what it keeps for certain",
	scanner: "the scanner",
});

/** What a record of the log says of the reader itself; `undefined` for what is ordinary at a door. */
export function consequence(entry: LogEntry): string | undefined {
	const { detail, kind, value } = entry;
	if (kind & KEPT) return undefined;
	const what = words(entry);
	switch (eventName(kind)) {
		case "restart":
			return `the reader starts: ${what}${value > 0 ? `; ${value} place in its log is torn, and nothing is lost with it` : ""}`;
		case "health":
			return health(detail);
		case "input-fault":
			return `the reader tells a fault of its input ${what}${(detail & 255) === INPUT_FAULTS.stuck ? ", and goes on letting people out" : ""}`;
		case "input-restored":
			return `the input ${what} is well again`;
		case "plan":
			return detail === 0 ? `the door has plan ${value} in force` : `the door refuses plan ${value}: ${what}`;
		case "revocation":
			return `the door has revocation notice ${value} in force`;
		case "sync":
			return `the reader: ${what}`;
		case "clock-set":
			return `the reader sets its clock ${what}`;
		case "configuration":
			return detail === CONFIGURATION_CHANGES.applied ? undefined : `the reader's configuration: ${what}`;
		case "gap":
			return `the log says which records are lost: ${what}`;
		case "repeated":
			return `the log counts what comes too often: ${what}`;
		case "relay-lapsed":
			return "the relay fell off by itself: the firmware was late";
		case "forced":
			return "alarm: the door is open without a cause";
		case "held":
			return "alarm: the door is held open";
		case "forced-ended":
		case "held-ended":
		case "tamper-ended":
			return "the alarm has ended";
		case "fire":
			return "fire: the reader lets everybody out";
		case "fire-ended":
			return "the fire is over";
		case "tamper":
			return "alarm: the housing is open";
		case "lockdown":
			return `the door is locked down (${what})`;
		case "lockdown-ended":
			return "the lockdown has ended";
		case "unlocked":
			return `the door stays unlocked (${what})`;
		case "locked":
			return "the door is locked again";
		default:
			return undefined;
	}
}

function health(detail: number): string {
	const [part] = Object.entries(PARTS).find(([, code]) => code === detail >> 8) ?? [];
	const name = part === undefined ? "a part" : PART_WORDS[part as keyof typeof PARTS];
	return (detail & 255) === 0
		? `the reader: ${name} works again`
		: `the reader finds fault with ${name}, and shows it`;
}

const SESSION_WORDS: Readonly<Record<"begun" | "silent" | "heard" | "two-readers" | "other-list", string>> =
	Object.freeze({
		begun: "the site has a session with the door",
		silent: "the site: the door has not answered for a while",
		heard: "the site hears the door again",
		"two-readers": "the site: two readers seem to have one identity",
		"other-list": "the site: the reader has another trust list",
	});

/** How long a start of the firmware takes at most until it polls, ms. */
const STARTS_MS = 500;
/** Resets of the PN532 in a row that are told of. */
const TOLD: readonly number[] = Object.freeze([3, 10, 30, 100, 300, 1000]);

/** Tells what a world does, as it happens. */
export class News {
	readonly #world: World;
	readonly #tell: (text: string) => void;
	#resets: number;
	/** Resets of the PN532 since it last worked. */
	#tries = 0;
	/** When what the door does not have yet was changed, ms. */
	#changed: number | undefined;
	#known = "";

	constructor(world: World, tell: (text: string) => void) {
		this.#world = world;
		this.#tell = tell;
		this.#resets = world.board.chip.resets;
		if (world.server !== undefined) world.server.onNews = (_door, news) => this.#hear(news);
	}

	/** After each event of the world, with what its log has that is new. */
	look(entries: readonly LogEntry[]): void {
		const { board, device, server } = this.#world;
		this.#countResets(board.chip.resets, device?.platform.clock.now() ?? 0);
		for (const entry of entries) {
			const said = consequence(entry);
			if (said !== undefined) this.#tell(said);
			if (entry.kind === EVENTS.health && (entry.detail & 255) === 0) this.#tries = 0;
		}
		if (server === undefined) return;
		const { books } = server;
		const now = `${books.image(DOOR)?.version} ${books.notice}`;
		if (now !== this.#known) this.#changed = this.#world.time.now();
		this.#known = now;
	}

	/** A line of the reader's trace, but for what its log or its phones say as well. */
	trace(text: string): void {
		if (!/^(nfc|ble|qr): | ready: |^plan \d|session/.test(text)) this.#tell(`the reader: ${text}`);
	}

	/** `age`: of this life of the firmware, ms: at its start it resets the PN532 anyhow. */
	#countResets(resets: number, age: number): void {
		const is = resets > this.#resets && age > STARTS_MS;
		this.#resets = resets;
		if (!is) {
			if (age <= STARTS_MS) this.#tries = 0;
			return;
		}
		this.#tries++;
		if (this.#tries === 1) this.#tell("the reader resets the PN532 and sets it up again");
		else if (TOLD.includes(this.#tries))
			this.#tell(`the reader has reset the PN532 ${this.#tries} times by now`);
	}

	#hear(news: DoorNews): void {
		switch (news.kind) {
			case "begun":
			case "silent":
			case "heard":
			case "two-readers":
			case "other-list":
				this.#tell(SESSION_WORDS[news.kind]);
				break;
			case "ended":
				this.#tell(`the session with the door has ended: ${news.why}`);
				break;
			case "refused":
				this.#tell(`the site refuses a session: ${news.reason}`);
				break;
			case "ahead":
				this.#tell(`the site: the reader has a newer ${news.of} than the site`);
				break;
			case "other-log":
				this.#tell(`the site: record ${news.serial} of the log is another than it has; it keeps both apart`);
				break;
			case "log-behind":
				this.#tell(`the site: the log ends at ${news.last}, and the site has it to ${news.site}`);
				break;
			case "answered":
				if (news.refusal !== null) this.#tell(`the door refuses the ${news.to.name}: ${news.refusal}`);
				break;
			case "alarm":
				this.#tell(`the site hears of it at once: ${eventName(decodeRecord(news.record).kind)}`);
				break;
			case "hello":
				this.#hello(news.hello.version, news.hello.notice);
				break;
		}
	}

	#hello(version: number, notice: number): void {
		const { server, time } = this.#world;
		const { books } = server!;
		if (version !== books.image(DOOR)?.version || notice !== books.notice) return;
		const since = this.#changed;
		this.#changed = undefined;
		if (since !== undefined)
			this.#tell(
				`the door has plan ${version} and ${notice} ${notice === 1 ? "notice" : "notices"}, ${time.now() - since} ms after the change`,
			);
	}
}
