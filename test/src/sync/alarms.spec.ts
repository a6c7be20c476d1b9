// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { EVENTS, type EventCode } from "../../../protocol/events.js";
import { decodeRecord } from "../../../protocol/log/record.js";
import type { MessageOf } from "../../../protocol/sync/messages.js";
import { SimFlash } from "../../../sim/flash.js";
import { VirtualTime } from "../../../sim/time.js";
import { AuditLog } from "../../../src/log/log.js";
import { TellAlarms } from "../../../src/sync/alarms.js";
import { providers } from "../../support/providers.js";
import { Talk } from "./talk.js";

const crypto = providers[0]!;

/** A reader with a log, which may start anew. */
class Reader {
	readonly time = new VirtualTime();
	readonly #flash = new SimFlash({ size: 16 * 4096 });
	log!: AuditLog;
	talk!: Talk;
	#alarms!: TellAlarms;

	constructor() {
		this.start();
	}

	start(): void {
		const { time } = this;
		this.log = new AuditLog({
			...{ flash: this.#flash, crypto, clock: time, reader: new Uint8Array(8) },
			wall: { now: () => 1_800_000_000, trust: () => "synced", set: () => {} },
		});
		this.log.open("power-on");
		this.talk = new Talk(time, { log: this.log }, (sync) => {
			this.#alarms = new TellAlarms(sync);
			return [this.#alarms];
		});
	}

	begin(): void {
		this.talk.begin();
		this.time.run(10);
	}

	/** The event's serial. `left`: it is only counted, as one in a flood. */
	happens(name: keyof typeof EVENTS, left = false): number {
		const kind: EventCode = EVENTS[name];
		if (!left) this.log.append(kind, 0, 0);
		this.#alarms.recorded(kind);
		this.talk.wake();
		return this.log.last;
	}

	/** Serials of the alarms that the site was told of, answering each. */
	tells(): number[] {
		const told: number[] = [];
		this.time.run(10);
		for (let at = 0; at < this.talk.said.length; at++) {
			const { name, record } = this.talk.said[at] as MessageOf<"alarm">;
			assert.equal(name, "alarm");
			told.push(decodeRecord(record).serial);
			this.talk.answer();
			this.time.run(10);
		}
		this.talk.said.length = 0;
		return told;
	}
}

describe("alarms go to the site ahead of the log", () => {
	it("as they come: a copy of the record, once each, and of nothing else", () => {
		const reader = new Reader();
		reader.begin();
		assert.deepEqual(reader.tells(), []);
		reader.happens("door-opened");
		const forced = reader.happens("forced");
		reader.time.run(10);
		const { record } = reader.talk.said[0] as MessageOf<"alarm">;
		assert.deepEqual(record, reader.log.read(forced).next()!.slice());
		assert.deepEqual(reader.tells(), [forced]);
		reader.happens("forced-ended");
		const tamper = reader.happens("tamper");
		assert.deepEqual(reader.tells(), [tamper]);
	});

	it("one at a time, whatever comes meanwhile: the others are found in the log, in their order", () => {
		const reader = new Reader();
		reader.begin();
		const serials: number[] = [];
		for (let n = 0; n < 20; n++) {
			serials.push(reader.happens("tamper"));
			reader.happens("tamper-ended");
			reader.happens("decision");
		}
		reader.time.run(1000);
		assert.lengthOf(reader.talk.said, 1, "one waits for its answer");
		assert.deepEqual(reader.tells(), serials);
		assert.deepEqual(reader.tells(), []);
	});

	it("those of before the session and of before a start, but not what the site has by the log", () => {
		const reader = new Reader();
		const serials = [reader.happens("fire"), reader.happens("held")];
		for (let n = 0; n < 300; n++) reader.happens("decision");
		serials.push(reader.happens("lockdown"));
		reader.begin();
		assert.deepEqual(reader.tells(), serials);
		reader.start();
		reader.log.acknowledge(serials[0]!);
		reader.begin();
		assert.deepEqual(reader.tells(), serials.slice(1), "RAM has forgotten: told once more");
		reader.talk.end();
		const later = reader.happens("input-fault");
		reader.begin();
		assert.deepEqual(reader.tells(), [later]);
	});

	it("one that no answer came to is said again, in the next session too", () => {
		const reader = new Reader();
		reader.begin();
		const held = reader.happens("held");
		reader.time.run(10_020);
		assert.deepEqual(
			reader.talk.said.map(({ id }) => id),
			[1, 1],
		);
		reader.talk.end();
		reader.begin();
		assert.deepEqual(reader.tells(), [held]);
	});

	it("one of a flood, which the log only counts, is none that it finds", () => {
		const reader = new Reader();
		reader.begin();
		const forced = reader.happens("forced");
		assert.deepEqual(reader.tells(), [forced]);
		reader.happens("forced", true);
		assert.deepEqual(reader.tells(), []);
		const next = reader.happens("forced");
		assert.deepEqual(reader.tells(), [next]);
	});
});
