import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { World } from "../../sim/world.js";
import { EVENTS, RESTARTS } from "../../src/audit/events.js";
import { encodeFrame, KIND } from "../../src/provisioning/frame.js";
import { Splitter } from "../../src/provisioning/splitter.js";
import { decodeValue, encodeValue, type Fields } from "../../src/provisioning/value.js";
import { inWords } from "../../tools/log/describe.js";

const crypto = new NodeCrypto();
const CLIENT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** A device from the factory; its chip restarts for what leaves its firmware. */
class Device {
	readonly world: World;
	/** When the firmware began, ms. */
	readonly starts: number[] = [];
	relayMoved = 0;
	readonly #answers: { kind: number; value: unknown }[] = [];
	#number = 0;

	constructor() {
		this.world = new World({
			crypto,
			factory: true,
			onException: () => {
				this.starts.push(this.world.time.now());
				this.world.restart("exception");
			},
		});
		const splitter = new Splitter({
			onFrame: ({ kind, payload }) => this.#answers.push({ kind, value: decodeValue(payload) }),
			onImprov: () => undefined,
		});
		this.world.console.onHost = (bytes) => splitter.feed(bytes);
		this.world.door.relay.watch(() => this.relayMoved++);
	}

	/** `undefined` where no answer comes within half a second. */
	ask(name: string, parameters: Fields = {}): Fields | undefined {
		this.#answers.length = 0;
		const payload = encodeValue([name, parameters]);
		const number = ++this.#number;
		this.world.console.send(encodeFrame({ version: 1, kind: KIND.request, client: CLIENT, number, payload }));
		this.world.time.run(500);
		return this.#answers[0]?.value as Fields | undefined;
	}

	restarts(): string[] {
		return this.world
			.log()
			.filter(({ kind }) => kind === EVENTS.restart)
			.map(inWords);
	}
}

function throwing(): never {
	throw new Error("broken");
}

/** Parts that fail at each start, and how to mend them. */
const BROKEN: Readonly<Record<string, (world: World) => () => void>> = {
	"radios (the PN532's port cannot be opened)": (world) => {
		const { Serial } = world.board;
		const put = (value: unknown): unknown =>
			Object.defineProperty(world.board, "Serial", { value, configurable: true });
		put(
			class {
				constructor() {
					throwing();
				}
			},
		);
		return () => put(Serial);
	},
	"radios (an exception in a callback: a phone that is left there)": (world) => {
		world.board.field.present(world.nfcPhone("stranger"));
		world.onTrace = (text) => {
			if (text.startsWith("nfc: ")) throwing();
		};
		return () => {
			world.onTrace = undefined;
		};
	},
	"door (the plan's flash cannot be read)": (world) => {
		const read = world.flash.plan.read.bind(world.flash.plan);
		world.flash.plan.read = throwing;
		return () => {
			world.flash.plan.read = read;
		};
	},
	"log (its flash cannot be written)": (world) => {
		const write = world.flash.log.write.bind(world.flash.log);
		world.flash.log.write = throwing;
		return () => {
			world.flash.log.write = write;
		};
	},
};

describe("a reader that fails at every start", function () {
	this.timeout(60_000);

	for (const [part, broken] of Object.entries(BROKEN))
		it(`${part}: waits up to a minute between starts, answers its installer, and is well when the part is`, () => {
			const device = new Device();
			const { world } = device;
			const stage = part.slice(0, part.indexOf(" "));
			const mend = broken(world);
			world.powerOn();
			const began = world.time.now();
			let asked = 0;
			while (world.time.now() - began < 10 * 60_000) {
				const state = device.ask("state");
				if (state !== undefined) {
					asked++;
					assert.equal(state.relay ?? false, false);
					if (state.waits !== undefined) assert.equal(state.waits, stage);
				}
				world.time.run(4500);
			}
			// 1 + 2 + 4 + 8 + 16 + 32 s, then minutes.
			assert.isAtLeast(device.starts.length, 12);
			assert.isAtMost(device.starts.length, 18);
			const gaps = device.starts.slice(1).map((at, i) => at - device.starts[i]!);
			for (const gap of gaps) assert.isAtMost(gap, 63_000);
			for (const gap of gaps.slice(7)) assert.isAtLeast(gap, 60_000);
			assert.isAtLeast(asked, 110, "of 120");

			const info = device.ask("info")!;
			assert.equal(info.firmware, "0.1.0");
			const { started, failedStarts, seconds } = device.ask("state")!;
			assert.equal(started, "exception");
			assert.equal(failedStarts, device.starts.length);
			assert.isAtMost(seconds as number, 60);
			const refused = device.ask("test", { name: "nfc" })!;
			assert.equal(refused.reason, "busy");
			assert.match(refused.message as string, new RegExp(`after \\d+ failed starts ${stage} waits`));
			assert.equal(device.relayMoved, 0, "the relay is off all the time");

			if (stage !== "log") {
				const words = device.restarts();
				assert.equal(words[0], "restart power-on");
				assert.equal(words[1], "restart exception, 1 failed start before");
				assert.equal(words.at(-1), `restart exception, ${device.starts.length} failed starts before`);
			}

			// The installer restarts it with the part in order: nothing waits any more.
			mend();
			device.ask("restart");
			world.time.run(1500);
			const well = device.ask("state")!;
			assert.equal(well.started, "software");
			assert.isUndefined(well.waits);
			assert.isTrue(well.nfc as boolean);
			assert.equal(device.restarts().at(-1), "restart software");
			assert.equal(
				RESTARTS.software,
				world
					.log()
					.filter(({ kind }) => kind === EVENTS.restart)
					.at(-1)!.detail,
			);
		});

	it("a part that works again by itself: the reader is whole after the wait, and its next failure has none", () => {
		const device = new Device();
		const { world } = device;
		const mend = BROKEN["radios (the PN532's port cannot be opened)"]!(world);
		world.powerOn();
		world.time.run(20_000);
		mend();
		world.time.run(60_000);
		assert.isTrue(device.ask("state")!.nfc as boolean);
		const failures = device.starts.length;
		world.time.run(60_000);
		assert.lengthOf(device.starts, failures);
		world.restart("watchdog");
		const state = device.ask("state")!;
		assert.isUndefined(state.failedStarts);
		assert.equal(state.started, "watchdog");
	});
});
