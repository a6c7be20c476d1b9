// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { Growing } from "../../../drivers/pn532/pn532.js";
import { toHex } from "../../../protocol/bytes.js";
import { BUSES, Pn532World } from "./world.js";

/** A command of 254 bytes whose last 66 are made by `work`. */
class Command implements Growing {
	readonly bytes = new Uint8Array(254).fill(0x11, 0, 188);
	ready = 188;
	/** When `work` was called, µs, and whether the chip was at work then. */
	readonly worked: { at: number; busy: boolean }[] = [];

	readonly world: Pn532World;

	constructor(world: Pn532World) {
		this.world = world;
	}

	work(): void {
		this.worked.push({ at: this.world.time.micros, busy: this.world.board.chip.busy });
		this.bytes.fill(0x22, this.ready);
		this.ready = this.bytes.length;
	}

	static readonly whole = toHex(new Uint8Array(254).fill(0x11, 0, 188).fill(0x22, 188));
}

/** A phone that is held, and what a growing command gave. */
function say(world: Pn532World): { command: Command; answer: string | undefined } {
	const command = new Command(world);
	let answer: string | undefined;
	let over = false;
	world.driver.exchange(
		command.bytes,
		1500,
		(response) => {
			over = true;
			if (response) answer = toHex(response);
		},
		command,
	);
	world.time.runUntil(() => over, 5000);
	return { command, answer };
}

function held(bus: (typeof BUSES)[number]): Pn532World {
	const world = new Pn532World({ bus, driver: { onTarget: () => undefined } });
	world.field.present(world.phone);
	world.time.runUntil(() => world.driver.target !== undefined, 1000);
	return world;
}

describe("a command whose end is made while its beginning is on the air", () => {
	for (const bus of BUSES) {
		it(`${bus}: the phone hears it once and whole; its end is made while the chip is at work`, () => {
			const world = held(bus);
			const { command, answer } = say(world);
			assert.equal(answer, "9000");
			assert.deepEqual(world.commands, [Command.whole]);
			assert.lengthOf(command.worked, 2, "once a piece");
			assert.deepEqual(
				command.worked.map(({ busy }) => busy),
				[true, true],
			);
		});

		it(`${bus}: an ACK that is lost delays the end, and no more`, () => {
			const world = held(bus);
			world.faults.loseAck = 1;
			const { answer } = say(world);
			assert.equal(answer, "9000");
			assert.deepEqual(world.commands, [Command.whole]);
		});
	}

	it("a chip that cannot chain gets it whole, after three taps in which it broke", () => {
		const world = held("spi");
		for (let tap = 0; tap < 3; tap++) {
			world.faults.status = 1;
			world.faults.statusCode = 0x10;
			assert.isUndefined(say(world).answer);
			assert.isTrue(world.time.runUntil(() => world.driver.target !== undefined, 2000));
		}
		const host: string[] = [];
		world.board.trace.onEntry = ({ from, bytes }) => {
			if (from === "host") host.push(toHex(bytes));
		};
		assert.equal(say(world).answer, "9000");
		assert.deepEqual(world.commands, [Command.whole]);
		assert.lengthOf(
			host.filter((frame) => frame.includes("d44041")),
			0,
			"no more-information bit",
		);
	});

	it("a phone that leaves in the middle is told of once, and the next is served", () => {
		const world = held("spi");
		world.field.cutAfter(60);
		assert.isUndefined(say(world).answer);
		assert.isEmpty(world.commands);
		world.field.present(world.phone);
		assert.isTrue(world.time.runUntil(() => world.driver.target !== undefined, 2000));
		assert.equal(say(world).answer, "9000");
	});
});
