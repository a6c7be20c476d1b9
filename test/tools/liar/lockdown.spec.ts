// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { isForDoor, type LockdownNotice, openLockdown } from "../../../protocol/notice/lockdown.js";
import { FLAG, orderOf } from "../../../protocol/plan/format.js";
import { HONEST } from "../../../sim/broker.js";
import { DoorController } from "../../../src/door/controller.js";
import { PlanStore } from "../../../src/plan/store.js";
import type { SyncContext } from "../../../src/sync/context.js";
import { Conversation, type ConversationHost } from "../../../src/sync/conversation.js";
import { Lockdowns } from "../../../src/sync/lockdown.js";
import { DOORS, LiarWorld } from "../../../tools/liar/world.js";
import { broken, finds } from "./broken.js";

/** What a reader's end of lockdowns has for itself. */
interface Inside {
	readonly sync: SyncContext;
	open(signed: Uint8Array): LockdownNotice | string | undefined;
	act(notice: LockdownNotice, stands: boolean): void;
}

const inside = Lockdowns.prototype as unknown as Inside;

/** As the reader opens one, but for what `passes` says. */
function opening(passes: (notice: LockdownNotice, door: string, newest: number) => boolean): Inside["open"] {
	return function (this: Inside, signed) {
		const { crypto, reader, store } = this.sync.target;
		const { door } = store.membership!;
		const notice = openLockdown(signed, store.lists.newest, door, reader.knownTime, crypto);
		if (typeof notice === "string") return notice;
		return passes(notice, door, store.lockdown.newest) ? notice : undefined;
	};
}

const isNewer = ({ epoch, sequence }: LockdownNotice, newest: number): boolean =>
	orderOf({ epoch, version: sequence }) > newest;

/** What the judges say where the broker holds a lockdown back until it is over. */
function heldBack(): string[] {
	const world = new LiarWorld(1);
	const { broker, judges, time } = world;
	for (const door of DOORS) judges[door].reader.powerOn();
	time.run(60_000);
	broker.faults = { ...HONEST, lose: 1 };
	world.lock([], 20);
	time.run(40_000);
	broker.faults = HONEST;
	broker.tell(broker.past.filter(({ retain }) => retain).at(-1)!);
	time.run(60_000);
	return DOORS.flatMap((door) => judges[door].violations);
}

describe("a lying broker and lockdown: it is found out", function () {
	this.timeout(600_000);

	it("a reader that takes one for another door", () => {
		const open = opening((notice, _door, newest) => isNewer(notice, newest));
		broken(inside, "open", open, () => assert.isTrue(finds(/which does not name it/, 40)));
	});

	it("a reader that takes one again, or an older one", () => {
		const open = opening((notice, door) => isForDoor(notice, door));
		broken(inside, "open", open, () => assert.isTrue(finds(/it took lockdown \d+ after \d+/, 40)));
	});

	it("a reader that takes one that is over", () => {
		assert.isEmpty(heldBack());
		const { act } = inside;
		const late: Inside["act"] = function (this: Inside, notice, stands) {
			const issued = this.sync.target.reader.knownTime ?? notice.issued;
			act.call(this, { ...notice, issued }, stands);
		};
		const { offered } = Lockdowns.prototype;
		const eager: typeof offered = function (this: Lockdowns, signed) {
			const self = this as unknown as Inside;
			const notice = self.open(signed);
			if (typeof notice === "object") self.act(notice, true);
		};
		broken(inside, "act", late, () =>
			broken(Lockdowns.prototype, "offered", eager, () => {
				assert.match(heldBack().join("\n"), /it took lockdown 1, which was over/);
			}),
		);
	});

	it("a reader that takes what nobody signed", () => {
		const { act } = inside;
		const other: Inside["act"] = function (this: Inside, notice, stands) {
			act.call(this, { ...notice, sequence: notice.sequence + 1000 }, stands);
		};
		broken(inside, "act", other, () => assert.isTrue(finds(/which nobody signed/, 10)));
	});

	it("a reader that goes on after the end", () => {
		const { notice } = DoorController.prototype;
		const long: typeof notice = function (this: DoorController, ms, sequence) {
			notice.call(this, ms && ms + 600_000, sequence);
		};
		broken(DoorController.prototype, "notice", long, () => {
			assert.isTrue(finds(/goes on after its end/, 40));
		});
	});

	it("a reader that goes on where the site says that none stands", () => {
		const { stated } = Lockdowns.prototype;
		const deaf: typeof stated = function (this: Lockdowns, signed) {
			return signed === null ? null : stated.call(this, signed);
		};
		broken(Lockdowns.prototype, "stated", deaf, () => {
			assert.isTrue(finds(/the site said that none stands/, 60));
		});
	});

	it("a reader that acknowledges one, and does not lock down", () => {
		broken(
			DoorController.prototype,
			"notice",
			() => undefined,
			() => assert.isTrue(finds(/is not in lockdown \d+, which it has acknowledged/, 10, HONEST)),
		);
	});

	it("a reader that lets people in as if each had the right to", () => {
		const { lookup } = PlanStore.prototype;
		const careless: typeof lookup = function (this: PlanStore, id, into) {
			const found = lookup.call(this, id, into);
			into.flags |= FLAG.override;
			return found;
		};
		broken(PlanStore.prototype, "lookup", careless, () => {
			assert.isTrue(finds(/it let in \w+ in lockdown/, 20, HONEST));
		});
	});

	it("a reader with no way out of a lockdown", () => {
		const { input } = DoorController.prototype;
		const shut: typeof input = function (this: DoorController, which, active) {
			if (which !== "rex" || !this.lockdown) input.call(this, which, active);
		};
		broken(DoorController.prototype, "input", shut, () => {
			assert.isTrue(finds(/request-to-exit does not open/, 20, HONEST));
		});
	});

	for (const what of ["lock", "normal", "lockdown", "release"] as const)
		it(`a reader that does ${what} as a session begins`, () => {
			const { begin } = Conversation.prototype;
			const eager: typeof begin = function (this: Conversation) {
				begin.call(this);
				const { host } = this as unknown as { host: ConversationHost };
				host.target.reader.command(what, 0, new Uint8Array(8));
			};
			broken(Conversation.prototype, "begin", eager, () => {
				assert.isTrue(finds(new RegExp(`it did ${what} though nobody commanded it`), 1, HONEST));
			});
		});
});
