// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { RENEWAL_MS, Relay } from "../../../drivers/relay/relay.js";
import { toHex } from "../../../protocol/bytes.js";
import { DEFAULT_DOOR } from "../../../protocol/config/door.js";
import { EVENTS } from "../../../protocol/events.js";
import { SimDoor } from "../../../sim/door.js";
import { VirtualTime } from "../../../sim/time.js";
import { DoorController } from "../../../src/door/controller.js";
import { Talk } from "./talk.js";

const ANN = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** A door whose reader is in a session: what the site says goes in, answers come out. */
class Session {
	readonly time = new VirtualTime();
	readonly door = new SimDoor(this.time, DEFAULT_DOOR);
	readonly commands: string[] = [];
	restarts = 0;
	readonly reader: { knownTime: number | undefined };
	identified = 0;
	readonly controller: DoorController;
	readonly #talk: Talk;
	#id = 0;

	constructor() {
		const { time } = this;
		const record = (kind: number, detail: number, value: number, subject?: Uint8Array): void => {
			if (kind === EVENTS.command) this.commands.push(`${detail.toString(16)} ${value} ${toHex(subject!)}`);
		};
		this.controller = new DoorController({
			config: DEFAULT_DOOR,
			clock: time,
			strike: new Relay({ io: this.door.relay.io }),
			signals: { show: () => {} },
			renewalMs: RENEWAL_MS,
			onEvent: record,
		});
		this.controller.start(0, { doorPosition: false });
		const reader = {
			record,
			knownTime: 1_800_000_000 as number | undefined,
			command: (...order: Parameters<DoorController["command"]>) => ({
				done: this.controller.command(...order),
			}),
			identify: (ms: number) => {
				this.identified = ms;
			},
			restart: () => {
				this.restarts++;
			},
		};
		this.reader = reader;
		this.#talk = new Talk(time, { reader });
		this.#talk.begin();
	}

	/** What the command came to. `id`: of one that is said again. */
	command(what: string, fields: { for?: number; until?: number } = {}, id = ++this.#id): string | null {
		const { for: seconds = 0, until = this.time.now() + 5000 } = fields;
		return this.#talk.ask({ name: "command", what, for: seconds, until, by: ANN }, id);
	}
}

describe("a command of the site", () => {
	it("opens for the strike time or the seconds it says, at most 60, and the log says who", () => {
		const session = new Session();
		const { door, time } = session;
		assert.isNull(session.command("open"));
		time.run(4999);
		assert.isFalse(door.locked);
		time.run(2);
		assert.isTrue(door.locked);
		assert.isNull(session.command("open", { for: 60 }));
		time.run(59_000);
		assert.isFalse(door.locked);
		time.run(1001);
		assert.isTrue(door.locked);
		assert.equal(session.command("open", { for: 61 }), "out-of-range");
		assert.isTrue(door.locked);
		assert.deepEqual(session.commands, [`101 0 ${toHex(ANN)}`, `101 ${60 << 8} ${toHex(ANN)}`]);
	});

	it("is for now: refused when its time is over, or more than 10 s ahead", () => {
		const session = new Session();
		const { time, door } = session;
		time.run(100_000);
		assert.equal(session.command("open", { until: 99_999 }), "too-late");
		assert.equal(session.command("open", { until: 110_001 }), "too-far-ahead");
		assert.equal(session.command("open", { until: 2 ** 32 - 1 }), "too-far-ahead");
		assert.isTrue(door.locked);
		assert.deepEqual(session.commands, [], "nothing was done");
		assert.isNull(session.command("open", { until: 100_000 }));
		assert.isNull(session.command("open", { until: 110_000 }));
	});

	it("said again is answered as before, and not done again", () => {
		const session = new Session();
		assert.isNull(session.command("open", {}, 7));
		session.time.run(6000);
		assert.isTrue(session.door.locked);
		assert.isNull(session.command("open", { until: 7000 }, 7));
		assert.isTrue(session.door.locked);
		assert.equal(session.command("open", { until: 1 }, 8), "too-late");
		assert.equal(session.command("open", { until: 7000 }, 8), "too-late", "as it was before");
		assert.lengthOf(session.commands, 1);
	});

	it("is refused while the clock is unset: by then nobody knows whether the server's key has ended", () => {
		const session = new Session();
		session.reader.knownTime = undefined;
		for (const what of ["open", "lock", "normal", "lockdown", "release", "identify", "restart"])
			assert.equal(session.command(what), "clock-unset", what);
		assert.isTrue(session.door.locked);
		assert.deepEqual(session.commands, []);
		session.reader.knownTime = 1_800_000_000;
		assert.isNull(session.command("open"));
	});

	it("locks, goes back to the schedule, locks down and releases; a lockdown refuses to open", () => {
		const session = new Session();
		const { controller, door } = session;
		controller.schedule("unlocked");
		assert.isFalse(door.locked);
		assert.isNull(session.command("lock"));
		assert.isTrue(door.locked);
		assert.isNull(session.command("normal"));
		assert.isFalse(door.locked);
		assert.isNull(session.command("lockdown"));
		assert.equal(controller.mode, "lockdown");
		assert.equal(session.command("open", { for: 5 }), "lockdown");
		assert.isTrue(door.locked);
		assert.isNull(session.command("release"));
		assert.equal(controller.mode, "unlocked");
		assert.equal(session.commands.at(-2), `101 ${(5 << 8) | 1} ${toHex(ANN)}`);
	});

	it("shows or restarts the reader, and is in its log", () => {
		const session = new Session();
		assert.isNull(session.command("identify"));
		assert.equal(session.identified, 10_000);
		assert.isNull(session.command("identify", { for: 60 }));
		assert.equal(session.identified, 60_000);
		assert.equal(session.command("identify", { for: 61 }), "out-of-range");
		session.time.run(60_000);
		assert.isNull(session.command("restart"));
		assert.equal(session.restarts, 1);
		assert.deepEqual(
			session.commands.map((one) => one.split(" ")[0]),
			["107", "107", "108"],
		);
	});

	it("restarts no reader that has not run for a minute: while it starts, request-to-exit waits", () => {
		const session = new Session();
		const { time } = session;
		time.run(59_999 - time.now());
		assert.equal(session.command("restart"), "too-soon");
		assert.equal(session.restarts, 0);
		assert.deepEqual(session.commands, []);
		time.run(1);
		assert.isNull(session.command("restart"));
		assert.equal(session.restarts, 1);
	});

	it("is nothing else: not to unlock until further notice, no word that objects have, no time where it has none", () => {
		const session = new Session();
		for (const what of ["unlock", "constructor", "to-string", "reset"])
			assert.equal(session.command(what), "unknown-command", what);
		for (const what of ["lock", "normal", "lockdown", "release", "restart"])
			assert.equal(session.command(what, { for: 1 }), "out-of-range", what);
		assert.equal(session.restarts, 0);
		assert.deepEqual(session.commands, []);
	});
});
